/** Characters that no text of PostgreSQL can have: NUL, and halves of surrogate pairs. */
const UNSTORABLE = /\0|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

/** Returns a text that PostgreSQL accepts. One row with another text would hold up all rows behind it. */
export function storable(text: string): string {
  return text.replace(UNSTORABLE, '\uFFFD');
}
