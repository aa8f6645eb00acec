import type { FileResource } from '@millrace/types';

export function isDecided({ status }: FileResource): boolean {
  return status === 'ready' || status === 'rejected' || status === 'failed';
}

/** What became of a file, in a line. */
export function describeFile(file: FileResource): string {
  const { status, reason } = file;
  if (status === 'rejected' || status === 'failed') {
    return `${status}: ${reason?.code ?? 'no reason given'}`;
  }
  if (status !== 'ready') return `still ${status}`;
  return (
    ofImage(file) ?? ofMedia(file) ?? ofDocument(file) ?? ofLog(file) ?? ofTable(file) ?? 'ready'
  );
}

function ofImage({ image, renditions }: FileResource): string | undefined {
  if (!image) return undefined;
  const sizes = renditions.map(({ width, height }) => `${width}×${height}`);
  return `${image.width}×${image.height} px → ${[...new Set(sizes)].join(', ')}`;
}

function ofMedia({ media, renditions }: FileResource): string | undefined {
  if (!media) return undefined;
  const { video, durationSeconds } = media;
  const names = renditions.map(({ name }) => name);
  const tracks = names.filter((name) => /^\d+p$/.test(name));
  const posters = names.filter((name) => name.startsWith('poster-'));
  const made = [
    ...(names.includes('hls/master') ? ['HLS'] : []),
    ...(tracks.length > 0 ? [`MP4 ${tracks.join(' ')}`] : []),
    ...(names.includes('audio') ? ['M4A'] : []),
    ...(names.includes('waveform') ? ['waveform'] : []),
    ...(posters.length > 0 ? [`${posters.length} posters`] : []),
  ];
  const what = video ? `video of` : 'sound of';
  const size = video ? `, ${video.width}×${video.height}` : '';
  return `${what} ${durationSeconds.toFixed(1)} s${size}: ${made.join(', ')}`;
}

function ofDocument({ document }: FileResource): string | undefined {
  if (!document) return undefined;
  const { format, language, title, pages } = document;
  return [
    `${format}${language ? ` in ${language}` : ''}`,
    ...(title ? [`“${title}”`] : []),
    ...(pages ? [`${pages} pages`] : []),
  ].join(', ');
}

function ofLog({ log }: FileResource): string | undefined {
  if (!log) return undefined;
  const counts = Object.entries(log.byStatus).map(([status, lines]) => `${status} × ${lines}`);
  const { format, lines, unknownLines } = log;
  const sums = `${lines} lines, ${lines - unknownLines} rows, ${unknownLines} unknown`;
  return `${format} log: ${[sums, ...(counts.length > 0 ? [counts.join(', ')] : [])].join('; ')}`;
}

function ofTable({ table }: FileResource): string | undefined {
  if (!table) return undefined;
  const { format, dataset, rowsIn, rowsOut, rowsFiltered, rowsRejected } = table;
  const kept = dataset ? `${rowsOut} in the lake` : `${rowsOut} kept`;
  const out = [`${rowsIn} rows`, kept, `${rowsFiltered} left out`, `${rowsRejected} rejected`];
  return `${format}${dataset ? ` of ${dataset}` : ''}: ${out.join(', ')}`;
}
