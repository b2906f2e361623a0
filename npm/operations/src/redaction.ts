export const redactionPlaceholder = true;
