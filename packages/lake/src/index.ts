export * from './add-rows.ts';
export * from './closed-objects.ts';
export * from './object-slot.ts';
export * from './ports.ts';
export * from './row.ts';
export * from './schema.ts';
