/** Service at `url` that answers with its path. */
import { listen } from '../service.ts';

export const url: string = await listen((request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ path: request.url }));
});
