/**
 * Returns a weak ETag of a text. Two 32-bit hashes of FNV-1a kind tell versions of one document apart; they protect nothing.
 */
export function etagOf(text: string): string {
  let [one, other] = [0x811c9dc5, 0x9747b28c];
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    one = Math.imul(one ^ unit, 0x01000193);
    other = Math.imul(other ^ (unit + index), 0x85ebca6b);
    other ^= other >>> 13;
  }
  return `W/"${text.length.toString(36)}-${(one >>> 0).toString(36)}${(other >>> 0).toString(36)}"`;
}
