/** The calculator: a pattern to paint, options to choose, and the outcome of a simulation with both. */
import type { CircuitBreakerOptions } from 'fusewire';
import { draw } from './drawing.ts';
import { run } from './engine.ts';
import { asCode, readOptions, showOptions } from './fields.ts';
import { markup } from './markup.ts';
import { PatternStrip } from './strip.ts';
import { readPattern, writePattern } from './pattern.ts';
import type { Kind } from './pattern.ts';

declare const PRESETS: Readonly<Record<string, CircuitBreakerOptions>>;

/** Milliseconds without a change after which the simulation runs. */
const DELAY = 150;

function start(root: HTMLElement): void {
  root.innerHTML = markup(Object.keys(PRESETS), root.dataset['calculator'] === 'small');
  const find = <E extends Element>(selector: string): E => root.querySelector(selector) as E;
  const form = find<HTMLFormElement>('form');
  const text = find<HTMLInputElement>('[name=pattern]');
  const rate = find<HTMLInputElement>('[name=callsPerSecond]');
  const strip = new PatternStrip(
    find('.strip'),
    () => (form.elements.namedItem('kind') as RadioNodeList).value as Kind,
    (pattern) => {
      text.value = writePattern(pattern);
      schedule();
    },
  );

  let timer: ReturnType<typeof setTimeout> | undefined;
  let changes = 0;
  const schedule = (): void => {
    changes++;
    root.setAttribute('aria-busy', 'true');
    clearTimeout(timer);
    timer = setTimeout(simulate, DELAY);
  };
  const simulate = (): void => {
    const simulated = changes;
    const options = readOptions(form);
    find('.code-of-options').textContent = asCode(options);
    const callsPerSecond = Math.min(100, Math.max(0.1, Number(rate.value) || 5));
    run({ pattern: strip.pattern, callsPerSecond, options }, (answer) => {
      // After another change, its own simulation answers.
      if (simulated !== changes) return;
      root.setAttribute('aria-busy', 'false');
      find('.problem').textContent = 'problem' in answer ? answer.problem : '';
      if ('outcome' in answer) draw(root, answer.outcome);
    });
  };

  const showPattern = (pattern: string): void => {
    text.value = pattern;
    strip.show(readPattern(pattern));
    schedule();
  };
  find<HTMLSelectElement>('[name=example]').addEventListener('change', ({ target }) => {
    showPattern((target as HTMLSelectElement).value);
  });
  text.addEventListener('change', () => showPattern(text.value));
  find<HTMLSelectElement>('[name=preset]').addEventListener('change', ({ target }) => {
    showOptions(form, PRESETS[(target as HTMLSelectElement).value] ?? {});
    schedule();
  });
  form.addEventListener('input', ({ target }) => {
    if ((target as HTMLInputElement).name !== 'pattern') schedule();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    showPattern(text.value);
  });
  showPattern(find<HTMLSelectElement>('[name=example]').value);
}

const root = document.querySelector<HTMLElement>('[data-calculator]');
if (root) start(root);
