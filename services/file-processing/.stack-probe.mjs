import { Worker, isMainThread, workerData, parentPort } from 'node:worker_threads';
if (isMainThread) {
  let n = 0;
  for (let i = 0; i < 2; i++) { const w = new Worker(new URL(import.meta.url), { workerData: i }); w.on('message', m => { if (++n === 2) process.exit(0); }); }
  setTimeout(() => { console.log('HUNG', n); process.exit(3); }, 15000).unref();
} else {
  const { default: sharp } = await import('sharp');
  sharp.concurrency(1); sharp.cache(false);
  const out = await sharp({ create: { width: 3000, height: 2000, channels: 3, background: 'red' } }).jpeg().toBuffer();
  const o2 = await sharp(out).resize(300).webp().toBuffer();
  parentPort.postMessage([workerData, o2.length]);
}
