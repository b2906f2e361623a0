/** A service that fails, at `url`. */
import { listen } from '../service.ts';

export const url: string = await listen((_request, response) => {
  response.writeHead(500).end();
});
