const LONGEST_LOCAL_PART = 64;
/** Characters that end the part before the `@`, besides those that no address has. */
const BEFORE = /[\s"'`<>()[\]{},;:=/\\|&?#@]/;
/** The domain after an `@`. Its last label has letters only: `pg@8.23.1` is a version. */
const DOMAIN = /@[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,62}\.){1,8}\p{L}{2,24}(?![\p{L}\p{N}])/uy;

/** Replaces the e-mail addresses of a text. It looks at a bounded number of characters around each `@`. */
export function redactEmails(text: string, replacement: string): string {
  const parts: string[] = [];
  let end = 0;
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    let start = at;
    while (start > end && at - start < LONGEST_LOCAL_PART && !BEFORE.test(text[start - 1] as string)) start--;
    if (start === at) continue;
    DOMAIN.lastIndex = at;
    const domain = DOMAIN.exec(text)?.[0];
    if (domain === undefined) continue;
    parts.push(text.slice(end, start), replacement);
    end = at + domain.length;
    at = end - 1;
  }
  return end === 0 ? text : parts.join('') + text.slice(end);
}
