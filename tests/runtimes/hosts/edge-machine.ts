/** Evaluates a script in an edge machine, a process of its own, and writes the report that it leaves in a global. */
import buffer from 'node:buffer';
import events from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { EdgeVM } from '@edge-runtime/vm';

const [script, engines] = process.argv.slice(2) as [string, string];
const machine = new EdgeVM();
const compile = machine.evaluate('(bytes) => new WebAssembly.Module(bytes)');
for (const file of readdirSync(engines).filter((name) => name.endsWith('.wasm'))) {
  machine.context[file.replace('.', '_')] = compile(readFileSync(path.join(engines, file)));
}
// Modules of Node that the runtime has too. A bundle of Nitro imports them.
const modules: Readonly<Record<string, unknown>> = { 'node:buffer': buffer, 'node:events': events };
machine.context.require = (name: string) => modules[name];
machine.evaluate(readFileSync(script, 'utf8'));
console.log(JSON.stringify(await machine.context['report']));
