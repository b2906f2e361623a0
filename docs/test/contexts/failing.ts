/** Service at `url` that fails. */
import { listen } from '../service.ts';

export const url: string = await listen((_request, response) => {
  response.writeHead(500).end();
});
