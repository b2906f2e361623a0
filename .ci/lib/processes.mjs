// Child processes: captured for the steps of the set-up, passed through for the command after it.

import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { at, root } from './paths.mjs';

/** A failure whose message the user sees without a stack. */
export class StepFailure extends Error {}

const windows = process.platform === 'win32';
const HEAD_LINES = 15;
const TAIL_LINES = 30;
const GRACE = 3000;

/** Background children. Each leads its own process group. */
const children = new Set();
/** The foreground command. */
let foreground;
const cleanups = new Set();

/** Registers `cleanup` to run when the process ends, however it ends. Returns a function that removes it. */
export function atExit(cleanup) {
  cleanups.add(cleanup);
  return () => cleanups.delete(cleanup);
}

/** Ends every started process on Ctrl-C and on termination. */
export function interruptible() {
  process.on('exit', () => {
    for (const child of children) signal(child, 'SIGKILL');
    for (const cleanup of cleanups) cleanup();
  });
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(name, () => interrupt(name));
  }
}

function interrupt(name) {
  if (foreground) {
    // A terminal sends Ctrl-C to its whole foreground group; the command decides how to end.
    if (name !== 'SIGINT' || !process.stdin.isTTY) foreground.kill(name);
    return;
  }
  stopChildren();
  const code = 128 + os.constants.signals[name];
  const leave = () => process.exit(code);
  setTimeout(leave, children.size > 0 ? GRACE : 0);
  Promise.all([...children].map((child) => new Promise((resolve) => child.once('close', resolve)))).then(leave);
}

/** Kills every background child. */
export function stopChildren() {
  for (const child of children) signal(child, 'SIGTERM');
}

function signal(child, name) {
  try {
    if (windows) child.kill(name);
    else process.kill(-child.pid, name);
  } catch {
    // It has ended by itself.
  }
}

/** Starts a child in its own process group. The whole group ends when this process is interrupted. */
export function spawnGroup(program, args, options) {
  const child = spawn(program, args, { ...options, detached: !windows, shell: windows });
  children.add(child);
  child.once('error', () => children.delete(child));
  child.once('close', () => children.delete(child));
  return child;
}

/** Kills `child` and its process group. */
export function kill(child) {
  signal(child, 'SIGKILL');
}

/** Returns the environment of children: `nodeFolder` and the programs of the npm packages come first on the search path. */
export function environment(nodeFolder) {
  const env = { ...process.env };
  for (const name of Object.keys(env)) {
    // Variables that npm sets for its own script would confuse an npm that runs in another folder.
    if (/^npm_(lifecycle_|package_|command$|config_local_prefix$)/.test(name)) delete env[name];
  }
  const folders = [nodeFolder, at('node_modules/.bin'), rustupFolder()].filter(Boolean);
  env.PATH = [...folders, env.PATH ?? ''].join(path.delimiter);
  return env;
}

/** Folder of rustup's programs, for shells without it on their search path. */
function rustupFolder() {
  const folder = path.join(process.env.CARGO_HOME ?? path.join(os.homedir(), '.cargo'), 'bin');
  return existsSync(folder) ? folder : undefined;
}

/**
 * Runs `command` and resolves with its standard output; its whole output goes to a log file.
 * Rejects with a StepFailure that carries the command and the end of its output.
 */
export function run(command, { env, log, minutes = 15, cwd = root }) {
  const logFile = at('.tools/logs', `${log}.log`);
  mkdirSync(path.dirname(logFile), { recursive: true });
  writeFileSync(logFile, `$ ${command.join(' ')}\n`);
  return new Promise((resolve, reject) => {
    const [program, ...args] = command;
    const child = spawnGroup(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let head = '';
    let tail = '';
    const keep = (text) => {
      if (head.length < 4000) head += text;
      tail = (tail + text).slice(-16_000);
      appendFileSync(logFile, text);
    };
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
      keep(text);
    });
    child.stderr.setEncoding('utf8').on('data', keep);
    let late = false;
    const deadline = setTimeout(() => {
      late = true;
      kill(child);
    }, minutes * 60_000);
    const fail = (why) => {
      const end = excerpt(head, tail);
      reject(
        new StepFailure(
          `${end}\n\nfailed: ${command.join(' ')}\n${why}; the whole output is in ${path.relative(root, logFile)}`,
        ),
      );
    };
    child.once('error', (error) => {
      clearTimeout(deadline);
      fail(error.message);
    });
    child.once('close', (code, name) => {
      clearTimeout(deadline);
      if (code === 0) resolve(stdout);
      else if (late) fail(`stopped after ${minutes} minutes`);
      else fail(name ? `ended by ${name}` : `exit code ${code}`);
    });
  });
}

/** Returns the beginning and the end of an output: some programs print the error first, others last. */
function excerpt(head, tail) {
  const lines = tail.trimEnd().split('\n');
  if (lines.length <= HEAD_LINES + TAIL_LINES) return lines.join('\n');
  return [...head.split('\n').slice(0, HEAD_LINES), '…', ...lines.slice(-TAIL_LINES)].join('\n');
}

/** Runs `command` in the foreground and resolves with the exit code to end with. */
export function exec(command, env) {
  const [program, ...args] = command;
  return new Promise((resolve, reject) => {
    foreground = spawn(program, args, { env, stdio: 'inherit', shell: windows });
    foreground.once('error', (error) => reject(new StepFailure(`cannot run ${program}: ${error.message}`)));
    foreground.once('close', (code, name) => resolve(name ? 128 + os.constants.signals[name] : code));
  });
}
