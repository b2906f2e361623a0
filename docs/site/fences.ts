/**
 * The line that begins a code block: a language, then labels.
 *
 *   title=server.ts    what readers see above the block
 *   context=service    the module of docs/test/contexts whose exports the block may use
 *   continues          it goes on where the last block of the page that ran has ended
 *   output             it is what the block before it writes
 *   no-run: reason     it is not run; the reason goes to the end of the line
 */
export interface Fence {
  readonly language: string;
  readonly title: string | undefined;
  readonly context: string | undefined;
  readonly continues: boolean;
  readonly output: boolean;
  /** Why it is not run. */
  readonly unrun: string | undefined;
}

const LABELS: ReadonlySet<string> = new Set(['title', 'context', 'continues', 'output']);

/** Reads the line. */
export function readFence(info: string): Fence {
  const [told = '', unrun] = info.trim().split(/\s+no-run:\s*/);
  const [language = '', ...words] = told.split(/\s+/);
  const labels = new Map(
    words.map((word): [string, string] => [word.split('=')[0] as string, word.split('=')[1] ?? '']),
  );
  for (const name of labels.keys()) {
    if (!LABELS.has(name)) throw new Error(`a code block has the label ${name}, which means nothing: ${info}`);
  }
  return {
    language,
    title: labels.get('title'),
    context: labels.get('context'),
    continues: labels.has('continues'),
    output: labels.has('output'),
    unrun,
  };
}
