import { inflate } from './inflate.ts';

/** Returns the bytes of a base64 text that are compressed. */
export function decode(base64: string): Uint8Array<ArrayBuffer> {
  return inflate(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
}

/** Returns the bytes that `read` reads, or those of a text, if there is no such file. */
export function readOr(read: () => Uint8Array<ArrayBuffer>, text: () => string): Uint8Array<ArrayBuffer> {
  try {
    return read();
  } catch {
    return decode(text());
  }
}
