import { brotliDecompressSync } from 'node:zlib';

/** Returns the bytes of a base64 text that are compressed with brotli. */
export function decodeBrotli(base64: string): Uint8Array<ArrayBuffer> {
  return brotliDecompressSync(Buffer.from(base64, 'base64'));
}
