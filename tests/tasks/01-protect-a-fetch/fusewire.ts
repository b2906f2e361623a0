import { protectedFetch } from '@fusewire/http';

const fetch = protectedFetch();

export const ask = (url: string) => fetch(url);
