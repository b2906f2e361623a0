import assert from 'node:assert/strict';
import { it } from 'node:test';
import { runScript } from './support.ts';

it('a process that was frozen reads the answers that have arrived before it judges a timeout', () => {
  const { stdout, stderr } = runScript(`
    import { spawn } from 'node:child_process';
    import { CircuitBreaker, pipeline, timeout } from 'fusewire';

    const server = spawn(process.execPath, ['-e', \`
      let requests = 0;
      const server = require('node:http').createServer((request, response) => {
        const answer = () => response.end('{"ok":true}');
        if (request.url === '/') return answer();
        setTimeout(answer, 300);
        if (++requests === 5) console.log('all');
      });
      server.listen(0, '127.0.0.1', () => console.log(server.address().port));
    \`]);
    const printed = () => new Promise((resolve) => server.stdout.once('data', (data) => resolve(String(data).trim())));
    const port = await printed();
    const ask = async (path, signal) => (await fetch(\`http://127.0.0.1:\${port}\${path}\`, { signal })).json();
    await ask('/');
    const breaker = new CircuitBreaker({ timeout: 1_200, failureThreshold: 3 });
    const calls = pipeline([breaker, timeout(1_100)]);
    const work = ({ signal }) => ask('/slow', signal);
    const done = Promise.allSettled(Array.from({ length: 5 }, (_, index) => (index % 2 ? breaker : calls).execute(work)));
    await printed();
    // Another process wakes this one, after all timeouts.
    spawn('/bin/sh', ['-c', \`sleep 1.5; kill -CONT \${process.pid}\`]);
    process.kill(process.pid, 'SIGSTOP');
    const statuses = (await done).map(({ status }) => status);
    console.log(JSON.stringify({ statuses, state: breaker.state, timeouts: breaker.getStats().totalTimeouts }));
    server.kill();
    process.exit();
  `);
  assert.equal(stderr, '');
  assert.deepEqual(JSON.parse(stdout), { statuses: Array(5).fill('fulfilled'), state: 'CLOSED', timeouts: 0 });
});
