/** The calculator: a pattern that one paints, options, and what the engine makes of them. */
import type { CircuitBreakerOptions } from 'fusewire';
import { draw } from './drawing.ts';
import { run } from './engine.ts';
import { asCode, readOptions, showOptions } from './fields.ts';
import { markup } from './markup.ts';
import { PatternStrip } from './strip.ts';
import { readPattern, writePattern } from './pattern.ts';
import type { Kind } from './pattern.ts';

declare const PRESETS: Readonly<Record<string, CircuitBreakerOptions>>;

const LONGEST_WAIT = 150;

function start(place: HTMLElement): void {
  place.innerHTML = markup(Object.keys(PRESETS));
  const find = <E extends Element>(selector: string): E => place.querySelector(selector) as E;
  const form = find<HTMLFormElement>('form');
  const text = find<HTMLInputElement>('[name=pattern]');
  const rate = find<HTMLInputElement>('[name=callsPerSecond]');
  const strip = new PatternStrip(
    find('.strip'),
    () => (form.elements.namedItem('kind') as RadioNodeList).value as Kind,
    (pattern) => {
      text.value = writePattern(pattern);
      later();
    },
  );

  let waiting: ReturnType<typeof setTimeout> | undefined;
  const later = (): void => {
    clearTimeout(waiting);
    waiting = setTimeout(now, LONGEST_WAIT);
  };
  const now = (): void => {
    const options = readOptions(form);
    find('.code-of-options').textContent = asCode(options);
    const callsPerSecond = Math.min(100, Math.max(0.1, Number(rate.value) || 5));
    place.setAttribute('aria-busy', 'true');
    run({ pattern: strip.pattern, callsPerSecond, options }, (answer) => {
      place.setAttribute('aria-busy', 'false');
      find('.refusal').textContent = 'refusal' in answer ? answer.refusal : '';
      if ('outcome' in answer) draw(place, answer.outcome);
    });
  };

  const showPattern = (written: string): void => {
    text.value = written;
    strip.show(readPattern(written));
    later();
  };
  find<HTMLSelectElement>('[name=example]').addEventListener('change', ({ target }) => {
    showPattern((target as HTMLSelectElement).value);
  });
  text.addEventListener('change', () => showPattern(text.value));
  find<HTMLSelectElement>('[name=preset]').addEventListener('change', ({ target }) => {
    showOptions(form, PRESETS[(target as HTMLSelectElement).value] ?? {});
    later();
  });
  form.addEventListener('input', ({ target }) => {
    if ((target as HTMLInputElement).name !== 'pattern') later();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    showPattern(text.value);
  });
  showPattern(find<HTMLSelectElement>('[name=example]').value);
}

const place = document.querySelector<HTMLElement>('[data-calculator]');
if (place) start(place);
