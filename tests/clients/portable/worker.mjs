import { check } from './check.mjs';

export default {
  async fetch(request) {
    const { searchParams } = new URL(request.url);
    return Response.json(await check(searchParams.get('url'), searchParams.get('dead')));
  },
};
