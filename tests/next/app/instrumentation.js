import { instrumentation } from '@fusewire/next';

export const { register, onRequestError } = instrumentation({ start: () => console.log('instrumentation started') });
