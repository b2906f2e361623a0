/** Four numbers of 64 bits, and their bits. */
const numbers = new Float64Array(4);
const bits = new Uint32Array(numbers.buffer);
let seeds = 0;

/**
 * Returns a seed for random numbers. With the same seed all processes would wait for the same times, and act at once.
 *
 * It is made of the microsecond in which the process started, the time since then, and the id of the process. Next.js does
 * not prerender a component that calls `Math.random()`, so that is called only where the start of the process is unknown.
 */
export function randomSeed(): number {
  const { timeOrigin } = performance;
  if (!(timeOrigin > 0)) return Math.floor(Math.random() * Number.MAX_SAFE_INTEGER);
  numbers[0] = timeOrigin;
  numbers[1] = performance.now();
  numbers[2] = typeof process === 'object' && typeof process.pid === 'number' ? process.pid : 0;
  numbers[3] = ++seeds;
  return (hashBits(0x9e3779b9) >>> 11) * 2 ** 32 + hashBits(0x85ebca6b);
}

/** Returns a 32-bit hash of `bits`: MurmurHash3. */
function hashBits(seed: number): number {
  let hash = seed;
  for (const word of bits) {
    const mixed = Math.imul(word, 0xcc9e2d51);
    hash ^= Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  hash ^= bits.byteLength;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
