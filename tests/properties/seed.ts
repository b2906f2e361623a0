/** Seed of the first batch: the environment variable `FUSEWIRE_SEED`, or the same number in every run. */
const FIRST = Number(process.env['FUSEWIRE_SEED'] ?? 20_261_130);

/** Returns the seed of a batch, counted from 0; fast-check takes whole numbers of 32 bits. */
export function seedOf(batch: number): number {
  return (FIRST + Math.imul(batch, 0x9e37_79b9)) | 0;
}
