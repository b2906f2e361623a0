/**
 * Decompression of the engine's bytes, in the format DEFLATE (RFC 1951). Runtimes can decompress, too, but in a browser only
 * asynchronously, and an engine is loaded synchronously. The build wrote the bytes, so that nothing is checked.
 */

/** Order in which the lengths of the codes for lengths are written. */
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
/** Symbol of a block's end. Above it are the lengths of copies. */
const END = 256;
/** Longest code, in bits. */
const MAX_BITS = 15;

/** Huffman code: the numbers of codes of each length, and the symbols, ordered by their codes. */
interface Code {
  readonly counts: readonly number[];
  readonly symbols: readonly number[];
}

/** Returns the decompressed bytes. */
export function inflate(compressed: Uint8Array): Uint8Array<ArrayBuffer> {
  const reader = new BitReader(compressed);
  const output: number[] = [];
  let isLast = false;
  while (!isLast) {
    isLast = reader.bits(1) === 1;
    const type = reader.bits(2);
    if (type === 0) copyStored(reader, output);
    else inflateBlock(reader, output, ...(type === 1 ? fixedCodes() : readCodes(reader)));
  }
  return Uint8Array.from(output);
}

class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #held = 0;
  #count = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Reads a number of so many bits, the lowest first. */
  bits(count: number): number {
    while (this.#count < count) {
      this.#held |= (this.#bytes[this.#at++] ?? 0) << this.#count;
      this.#count += 8;
    }
    const value = this.#held & ((1 << count) - 1);
    this.#held >>>= count;
    this.#count -= count;
    return value;
  }

  /** Reads one symbol, bit for bit: codes of one length are consecutive numbers. */
  symbol({ counts, symbols }: Code): number {
    let code = 0;
    let first = 0;
    let index = 0;
    for (let length = 1; ; length++) {
      code |= this.bits(1);
      const count = counts[length] as number;
      if (code - first < count) return symbols[index + code - first] as number;
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
  }

  /** Drops the rest of a byte. */
  align(): void {
    this.bits(this.#count & 7);
  }
}

function copyStored(reader: BitReader, output: number[]): void {
  reader.align();
  const length = reader.bits(16);
  reader.bits(16);
  for (let copied = 0; copied < length; copied++) output.push(reader.bits(8));
}

function inflateBlock(reader: BitReader, output: number[], literals: Code, distances: Code): void {
  for (;;) {
    const symbol = reader.symbol(literals);
    if (symbol === END) return;
    if (symbol < END) {
      output.push(symbol);
      continue;
    }
    const length = symbol === 285 ? 258 : 3 + scaled(reader, symbol - END - 1, 4);
    const from = output.length - 1 - scaled(reader, reader.symbol(distances), 2);
    for (let copied = 0; copied < length; copied++) output.push(output[from + copied] as number);
  }
}

/** Reads the rest of a number: from each `step` symbols on, one more bit follows. */
function scaled(reader: BitReader, symbol: number, step: number): number {
  const extra = Math.max(0, Math.floor(symbol / step) - 1);
  return ((symbol - extra * step) << extra) + reader.bits(extra);
}

function readCodes(reader: BitReader): [literals: Code, distances: Code] {
  const literals = reader.bits(5) + 257;
  const distances = reader.bits(5) + 1;
  const count = reader.bits(4) + 4;
  const sizes = new Array<number>(ORDER.length).fill(0);
  for (const place of ORDER.slice(0, count)) sizes[place] = reader.bits(3);
  const code = toCode(sizes);
  const lengths: number[] = [];
  while (lengths.length < literals + distances) {
    const symbol = reader.symbol(code);
    if (symbol < 16) lengths.push(symbol);
    else if (symbol === 16) repeat(lengths, lengths.at(-1) as number, 3 + reader.bits(2));
    else repeat(lengths, 0, symbol === 17 ? 3 + reader.bits(3) : 11 + reader.bits(7));
  }
  return [toCode(lengths.slice(0, literals)), toCode(lengths.slice(literals))];
}

function repeat(lengths: number[], length: number, times: number): void {
  for (let time = 0; time < times; time++) lengths.push(length);
}

/** Returns the codes of a block that has none of its own. */
function fixedCodes(): [literals: Code, distances: Code] {
  const lengths = Array.from({ length: 288 }, (_, symbol) =>
    symbol < 144 ? 8 : symbol < END ? 9 : symbol < 280 ? 7 : 8,
  );
  return [toCode(lengths), toCode(new Array<number>(30).fill(5))];
}

/** Returns the code in which each symbol has a code of that length; 0 if it has none. */
function toCode(lengths: readonly number[]): Code {
  const counts = new Array<number>(MAX_BITS + 1).fill(0);
  const symbols: number[] = [];
  for (let length = 1; length <= MAX_BITS; length++) {
    for (const [symbol, other] of lengths.entries()) {
      if (other !== length) continue;
      counts[length] = (counts[length] as number) + 1;
      symbols.push(symbol);
    }
  }
  return { counts, symbols };
}
