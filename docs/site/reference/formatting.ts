/** Layout of declarations as code blocks. */
import { format } from 'prettier';

/** Fits the width of the text column. */
const OPTIONS = { parser: 'typescript', printWidth: 76, singleQuote: true } as const;

/** Returns a declaration laid out to fit the width of the page. */
export async function formatted(code: string): Promise<string> {
  // Without `declare`, a constant would need a value.
  const declared = code.replaceAll(
    /^(?=(abstract |async )?(class|function|const|let|type|interface|enum) )/gm,
    'declare ',
  );
  return (await laidOut(declared)).replaceAll(/^declare /gm, '');
}

/** Returns the signature of a member laid out to fit the width of the page. */
export async function formattedMember(code: string): Promise<string> {
  // A member is no program of its own: a declaration holds it while it is laid out.
  const holder = /^(\(|<|new )/.test(code) ? 'interface' : 'declare abstract class';
  const lines = (await laidOut(`${holder} Holder {\n${code}\n}`)).split('\n').slice(1, -1);
  return lines.map((line) => line.replace(/^ {2}/, '')).join('\n');
}

async function laidOut(code: string): Promise<string> {
  try {
    return (await format(code, OPTIONS)).trim();
  } catch (error) {
    throw new Error(`prettier cannot parse this declaration:\n${code}`, { cause: error });
  }
}
