import { suggestion } from 'fusewire';
import { isPlainObject } from '../option-readers.ts';
import { presets } from '../presets.ts';
import type { Report } from '../problem-collector.ts';
import type { BreakerProfile, Environments } from './definition.ts';
import { overrideOptions } from './options.ts';
import type { OptionsOfBreaker } from './options.ts';
import type { Settings } from './settings.ts';

/** Returns the options of a definition in the environment of the settings, before any variable. */
export function optionsOf(name: string, definition: unknown, settings: Settings, report: Report): OptionsOfBreaker {
  const { preset, environments = {}, ...own } = profileOf(name, definition, report);
  if ('name' in own) report(`${name}.name`, 'must be left out, because the key is the name of the breaker');
  const isKnown = preset === undefined || (typeof preset === 'string' && Object.hasOwn(presets, preset));
  if (!isKnown) report(`${name}.preset`, `is not a preset${suggestion(preset, Object.keys(presets))}`);
  if (!isPlainObject(environments)) report(`${name}.environments`, 'must be an object with options by environment');
  const layers: readonly [source: string, options: unknown][] = [
    ['defaults', settings.defaults],
    [`${name}.preset`, preset !== undefined && isKnown ? presets[preset] : {}],
    [name, own],
    ['environments', inEnvironment(settings.environments, settings)],
    [`${name}.environments`, inEnvironment(environments, settings)],
  ];
  return layers.reduce<OptionsOfBreaker>((lower, [source, upper]) => {
    if (isPlainObject(upper)) return overrideOptions(lower, upper as OptionsOfBreaker);
    report(`${source}.${settings.environment}`, 'must be an object with options');
    return lower;
  }, {});
}

/**
 * Reports an environment that is named in the options but has no settings, because it is probably misspelt. An environment
 * of `NODE_ENV` may be unknown.
 */
export function checkEnvironment(
  definitions: readonly unknown[],
  settings: Settings,
  isNamed: boolean,
  report: Report,
): void {
  const { environment } = settings;
  const known = new Set(Object.keys(settings.environments));
  for (const definition of definitions) {
    if (!isPlainObject(definition) || !isPlainObject(definition['environments'])) continue;
    for (const name of Object.keys(definition['environments'])) known.add(name);
  }
  if (!isNamed || environment === undefined || known.size === 0 || known.has(environment)) return;
  report('environment', `must be ${[...known].join(' or ')}, got ${JSON.stringify(environment)}`);
}

function profileOf(name: string, definition: unknown, report: Report): BreakerProfile {
  if (typeof definition === 'string') return { preset: definition as never };
  if (isPlainObject(definition)) return definition;
  report(name, 'must be the name of a preset, or options');
  return {};
}

function inEnvironment(environments: Environments, { environment }: Settings): unknown {
  const exists = environment !== undefined && isPlainObject(environments) && Object.hasOwn(environments, environment);
  return exists ? environments[environment] : {};
}
