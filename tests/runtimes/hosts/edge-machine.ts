/** Evaluates a script in an edge machine, a process of its own, and writes the report that it leaves in a global. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { EdgeVM } from '@edge-runtime/vm';

const [script, engines] = process.argv.slice(2) as [string, string];
const machine = new EdgeVM();
const compile = machine.evaluate('(bytes) => new WebAssembly.Module(bytes)');
for (const file of readdirSync(engines).filter((name) => name.endsWith('.wasm'))) {
  machine.context[file.replace('.', '_')] = compile(readFileSync(path.join(engines, file)));
}
machine.evaluate(readFileSync(script, 'utf8'));
console.log(JSON.stringify(await machine.context['report']));
