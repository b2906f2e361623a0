import { change, read, RequestFailure } from '../api.ts';
import { ask } from '../dialog.ts';
import { fill, h, setText } from '../dom.ts';
import { count, duration } from '../../../display/format.ts';
import type { Source } from '../../../display/model.ts';
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

/** Queue with its first dead letters. */
interface Found {
  readonly source: Source;
  readonly queue: QueueRow;
  readonly letters: readonly Letter[];
  readonly mayChange: boolean;
}

/** Queues of all sources, with their dead letters. */
export function queuesView(store: Store, mayChange: (source: Source) => Promise<boolean>): View {
  const list = h('div', {});
  const message = h('p', { class: 'empty', role: 'status' });
  const element = h('section', {}, list, message);
  let shown = '';
  const load = async () => {
    const found: Found[] = [];
    let failure = '';
    for (const source of store.sources) {
      try {
        const { queues }: { queues: QueueRow[] } = await read(source, 'queues');
        const may = await mayChange(source);
        found.push(...(await Promise.all(queues.map((queue) => withLetters(source, queue, may)))));
      } catch (error) {
        const isMissing = error instanceof RequestFailure && error.status === 404;
        failure = isMissing ? 'The program has no queues.' : String((error as Error).message);
      }
    }
    setText(message, found.length === 0 ? failure : '');
    // Buttons keep the focus for as long as nothing has changed.
    const picture = JSON.stringify(found);
    if (picture === shown) return;
    shown = picture;
    fill(list, ...found.map((each) => card(each, () => void load())));
  };
  const timer = setInterval(() => void load(), INTERVAL);
  void load();
  return { title: 'Queues', element, draw: () => undefined, close: () => clearInterval(timer) };
}

async function withLetters(source: Source, queue: QueueRow, mayChange: boolean): Promise<Found> {
  if ((queue.dead ?? 0) === 0) return { source, queue, letters: [], mayChange };
  const { deadLetters }: { deadLetters: Letter[] } = await read(source, lettersPath(queue), { limit: '50' });
  return { source, queue, letters: deadLetters, mayChange };
}

function lettersPath({ name }: QueueRow): string {
  return `queues/${encodeURIComponent(name)}/dead-letters`;
}

function card({ source, queue, letters, mayChange }: Found, done: () => void): HTMLElement {
  const { name, waiting = 0, running = 0, dead = 0, oldestAge = null, error } = queue;
  const figures: [string, string][] = [
    ['Waiting', count(waiting)],
    ['Running', count(running)],
    ['Dead letters', count(dead)],
    ['Oldest', oldestAge === null ? '–' : duration(oldestAge)],
  ];
  const path = lettersPath(queue);
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
