// Server of the request cases: a process of its own, so that its CPU time is not that of the client.

import { createServer } from 'node:http';

const items = Array.from({ length: 8 }, (_, number) => ({ sku: `sku-${number}`, number }));
const body = JSON.stringify({ id: 1, name: 'order', items });

const server = createServer((request, response) => {
  request.resume();
  response.setHeader('content-type', 'application/json');
  response.end(body);
});
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.on('disconnect', () => process.exit());
