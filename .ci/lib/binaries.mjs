// Platform of a compiled file, read from its header.

const ELF = 0x464c457f;
const MACH_O = 0xfeedfacf;
const PORTABLE_EXECUTABLE = 0x5a4d;

const ELF_CPUS = { 0x3e: 'x64', 0xb7: 'arm64' };
const MACH_O_CPUS = { 0x01000007: 'x64', 0x0100000c: 'arm64' };
const WINDOWS_CPUS = { 0x8664: 'x64', 0xaa64: 'arm64' };

/** Returns the system and the processor, as Node names them, and the C library that the file needs. */
export function describeBinary(file) {
  if (file.readUInt32LE(0) === ELF) return { os: 'linux', cpu: ELF_CPUS[file.readUInt16LE(18)], needs: libc(file) };
  if (file.readUInt32LE(0) === MACH_O) return { os: 'darwin', cpu: MACH_O_CPUS[file.readUInt32LE(4)], needs: 'Mach-O' };
  if (file.readUInt16LE(0) === PORTABLE_EXECUTABLE) {
    const header = file.readUInt32LE(0x3c);
    return { os: 'win32', cpu: WINDOWS_CPUS[file.readUInt16LE(header + 4)], needs: 'PE' };
  }
  throw new Error('this is no program of Linux, macOS or Windows');
}

/** Returns the newest version of the GNU C library whose symbols the file uses; a file without any is for musl. */
function libc(file) {
  const versions = [...file.toString('latin1').matchAll(/GLIBC_(\d+)\.(\d+)/g)].map(([, major, minor]) => [
    major,
    minor,
  ]);
  if (versions.length === 0) return 'musl';
  const [major, minor] = versions.sort((left, right) => left[0] - right[0] || left[1] - right[1]).at(-1);
  return `glibc ${major}.${minor}`;
}
