export const healthPlaceholder = true;
