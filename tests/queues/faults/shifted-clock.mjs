// Shifts the wall clock of a process by the milliseconds in a file: all processes with the file have the same clock. Load it
// with `--import`.
import { openSync, readSync } from 'node:fs';
import process from 'node:process';

const file = openSync(process.env.FUSEWIRE_SHIFT, 'r');
const buffer = Buffer.alloc(32);
const RealDate = Date;
const realNow = Date.now;

function now() {
  const length = readSync(file, buffer, 0, buffer.length, 0);
  return realNow() + Number(buffer.toString('latin1', 0, length));
}

globalThis.Date = class extends RealDate {
  static now = now;

  constructor(...args) {
    if (args.length === 0) super(now());
    else super(...args);
  }
};
