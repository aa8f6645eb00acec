/**
 * Draws docs/images/outputs.png: what the processors make of samples. Needs FFmpeg and Noto's fonts
 * for Korean (`scripts/install-tools.sh`).
 *
 * node services/file-processing/docs/draw-outputs.ts
 */
import { writeFile } from 'node:fs/promises';
import { soundRow, videoRow } from './outputs/media-rows.ts';
import { drawPage } from './outputs/page.ts';
import { animationRow, drawingRow, photographRow, verdictRow } from './outputs/picture-rows.ts';
import { documentRow, logRow, tableRow } from './outputs/text-rows.ts';

const page = await drawPage([
  await photographRow(),
  await animationRow(),
  await drawingRow(),
  await videoRow(),
  await soundRow(),
  await documentRow(),
  await logRow(),
  await tableRow(),
  await verdictRow(),
]);
await writeFile(new URL('images/outputs.png', import.meta.url), page);
