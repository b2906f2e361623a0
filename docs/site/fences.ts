/**
 * Info string of a code block: a language, then labels.
 *
 *   title=server.ts    title above the block
 *   context=service    module of docs/test/contexts whose exports the block may use
 *   continues          runs after the code of the previous block of the page
 *   output             is the output of the previous block
 *   no-run: reason     is not run; the reason extends to the end of the line
 */
export interface Fence {
  readonly language: string;
  readonly title: string | undefined;
  readonly context: string | undefined;
  readonly continues: boolean;
  readonly output: boolean;
  /** Reason why the block is not run. */
  readonly unrun: string | undefined;
}

const LABELS: ReadonlySet<string> = new Set(['title', 'context', 'continues', 'output']);

/** Parses the info string. Throws on an unknown label. */
export function readFence(info: string): Fence {
  const [head = '', unrun] = info.trim().split(/\s+no-run:\s*/);
  const [language = '', ...words] = head.split(/\s+/);
  const labels = new Map(
    words.map((word): [string, string] => [word.split('=')[0] as string, word.split('=')[1] ?? '']),
  );
  for (const name of labels.keys()) {
    if (!LABELS.has(name)) {
      throw new Error(`code block "${info}": unknown label ${name}; accepted are ${[...LABELS].join(', ')}, no-run`);
    }
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
