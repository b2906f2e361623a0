import { change, read, RequestFailure } from '../api.ts';
import { ask } from '../dialog.ts';
import { fill, h, setText } from '../dom.ts';
import { count, duration } from '../format.ts';
import type { Source } from '../model.ts';
import type { Store } from '../store.ts';
import type { View } from './view.ts';

interface QueueRow {
  readonly name: string;
  readonly waiting?: number;
  readonly running?: number;
  readonly dead?: number;
  readonly oldestAge?: number | null;
  readonly error?: string;
}

interface Letter {
  readonly id: string;
  readonly topic: string;
  readonly key: string;
  readonly attempts: number;
  readonly lastError: string | null;
}

/** Milliseconds between two looks at the queues. */
const INTERVAL = 3_000;

/** Queues of all sources, with their dead letters. */
export function queuesView(store: Store, mayChange: boolean): View {
  const list = h('div', {});
  const message = h('p', { class: 'empty', role: 'status' });
  const element = h('section', {}, list, message);
  const load = async () => {
    const cards: HTMLElement[] = [];
    let failure = '';
    for (const source of store.sources) {
      try {
        const { queues }: { queues: QueueRow[] } = await read(source, 'queues');
        cards.push(...(await Promise.all(queues.map((queue) => card(source, queue, mayChange, () => void load())))));
      } catch (error) {
        const isMissing = error instanceof RequestFailure && error.status === 404;
        failure = isMissing ? 'The program has no queues.' : String((error as Error).message);
      }
    }
    // A dialog or a focused button outlives the look that comes meanwhile.
    if (list.contains(document.activeElement) && cards.length > 0 && list.children.length > 0) return;
    fill(list, ...cards);
    setText(message, cards.length === 0 ? failure : '');
  };
  const timer = setInterval(() => void load(), INTERVAL);
  void load();
  return { title: 'Queues', element, draw: () => undefined, close: () => clearInterval(timer) };
}

async function card(source: Source, queue: QueueRow, mayChange: boolean, done: () => void): Promise<HTMLElement> {
  const { name, waiting = 0, running = 0, dead = 0, oldestAge = null, error } = queue;
  const figures: [string, string][] = [
    ['Waiting', count(waiting)],
    ['Running', count(running)],
    ['Dead letters', count(dead)],
    ['Oldest', oldestAge === null ? '–' : duration(oldestAge)],
  ];
  const path = `queues/${encodeURIComponent(name)}/dead-letters`;
  const letters: Letter[] =
    dead === 0 ? [] : (await read<{ deadLetters: Letter[] }>(source, path, { limit: '50' })).deadLetters;
  return h(
    'div',
    { class: 'card' },
    h('h2', {}, name, source.name !== '' && h('span', { class: 'source' }, ` ${source.name}`)),
    error === undefined
      ? h(
          'dl',
          { class: 'figures' },
          ...figures.map(([term, value]) => h('div', {}, h('dt', {}, term), h('dd', {}, value))),
        )
      : h('p', { class: 'problem' }, error),
    letters.length > 0 &&
      h('ul', { class: 'letters' }, ...letters.map((letter) => letterElement(source, path, letter, mayChange, done))),
  );
}

function letterElement(
  source: Source,
  path: string,
  letter: Letter,
  mayChange: boolean,
  done: () => void,
): HTMLElement {
  const { id, topic, key, attempts, lastError } = letter;
  const settle =
    (how: 'retry' | 'discard') =>
    async ({ reason }: { reason: string }) => {
      await change(source, `${path}/${encodeURIComponent(id)}/${how}`, reason === '' ? {} : { reason });
      done();
    };
  return h(
    'li',
    {},
    h(
      'span',
      { class: 'summary' },
      h('b', {}, key),
      ` of ${topic}, ${attempts} attempts`,
      h('q', {}, lastError ?? 'no error'),
    ),
    mayChange &&
      h(
        'span',
        { class: 'actions' },
        h(
          'button',
          {
            type: 'button',
            class: 'secondary',
            onClick: () =>
              ask({
                title: `Retry ${key}`,
                consequence: 'The operation returns to its queue, with its attempts reset.',
                action: 'Retry',
                needsReason: false,
                run: settle('retry'),
              }),
          },
          'Retry',
        ),
        h(
          'button',
          {
            type: 'button',
            class: 'danger',
            onClick: () =>
              ask({
                title: `Discard ${key}`,
                consequence: 'The operation is deleted, and will never be done.',
                action: 'Discard',
                isDangerous: true,
                needsReason: false,
                run: settle('discard'),
              }),
          },
          'Discard',
        ),
      ),
  );
}
