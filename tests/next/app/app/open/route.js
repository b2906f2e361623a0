import { breakerRegistry, protectedRoute } from '@fusewire/next';

export const POST = protectedRoute((request) => {
  const { searchParams } = new URL(request.url);
  breakerRegistry()
    .for(searchParams.get('name') ?? 'shared')
    .forceOpen();
  return new Response(null, { status: 204 });
});
