declare const require: (name: 'node:zlib') => typeof import('node:zlib');

/** Returns the bytes of a base64 text that are compressed with brotli. */
export function decodeBrotli(base64: string): Uint8Array<ArrayBuffer> {
  // In an ES module made of the CommonJS build, a bundler's `require` knows no built-in modules. Node before 20.16 lacks the other.
  const { brotliDecompressSync } = process.getBuiltinModule?.('node:zlib') ?? require('node:zlib');
  return brotliDecompressSync(Buffer.from(base64, 'base64'));
}
