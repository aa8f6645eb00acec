import { taskHandler } from './task-handler.ts';

export const handler = taskHandler();
