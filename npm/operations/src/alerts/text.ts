/** Returns a text of at most so many characters. The cut never splits a character, and shows as `…`. */
export function shortened(text: string, length: number): string {
  if (text.length <= length) return text;
  const cut = text.slice(0, length - 1);
  // Half of a surrogate pair would be an invalid character.
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}

/** Returns a text in one line, without control characters. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
}

/** Returns names as one key. A slash inside a name is escaped, so that different names have different keys. */
export function keyOf(...names: readonly string[]): string {
  return names.map((name) => name.replaceAll('%', '%25').replaceAll('/', '%2F')).join('/');
}

/** Returns a key of at most so many characters. A longer one is cut and gets a hash, so that it stays unique. */
export function boundedKey(key: string, length: number): string {
  if (key.length <= length) return key;
  return `${shortened(key, length - 34)}-${hashOf(key)}`;
}

const OFFSET = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58dn;
const PRIME = 0x0000_0000_0100_0000_0000_0000_0000_013bn;

/** Returns the 128-bit FNV-1a hash of a text, as 32 hexadecimal digits. It names texts, and protects nothing. */
export function hashOf(text: string): string {
  let hash = OFFSET;
  for (const byte of new TextEncoder().encode(text)) hash = BigInt.asUintN(128, (hash ^ BigInt(byte)) * PRIME);
  return hash.toString(16).padStart(32, '0');
}
