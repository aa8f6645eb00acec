import { execFileSync } from 'node:child_process';
import sharp from 'sharp';
import { scene } from './scene.ts';

/** A file as it is uploaded. The samples are drawn and written here, so that they belong to nobody. */
export interface Sample {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: Buffer;
  /** What is to be seen of a video. */
  readonly frame?: Buffer;
}

const FFMPEG = process.env.FFMPEG_PATH ?? 'ffmpeg';

const make = (input: Buffer, ...args: readonly string[]): Buffer =>
  execFileSync(FFMPEG, ['-v', 'error', ...args, 'pipe:1'], { input, maxBuffer: 64 * 1024 ** 2 });

/** Its pixels lie on their side, as those of a camera that was held upright. */
export async function samplePhotograph(): Promise<Sample> {
  const exif = {
    IFD0: { Make: 'Millrace', Model: 'M1' },
    IFD2: { DateTimeOriginal: '2026:11:24 08:30:05' },
  };
  const bytes = await sharp(Buffer.from(scene(1600, 2400, { day: 0.85 })))
    .rotate(270)
    .withExif(exif)
    .withMetadata({ orientation: 6 })
    .jpeg({ quality: 85 })
    .toBuffer();
  return { name: 'mill.jpg', mediaType: 'image/jpeg', bytes };
}

export async function sampleAnimation(): Promise<Sample> {
  const frames = await Promise.all(
    Array.from({ length: 24 }, (_, at) =>
      sharp(Buffer.from(scene(480, 320, { day: at / 23, turn: at / 24 })))
        .png()
        .toBuffer(),
    ),
  );
  const bytes = await sharp(frames, { join: { animated: true } })
    .gif({ delay: frames.map(() => 80), interPaletteMaxError: 0 })
    .toBuffer();
  return { name: 'one day.gif', mediaType: 'image/gif', bytes };
}

export function sampleDrawing(): Sample {
  const bytes = Buffer.from(scene(960, 640, { day: 0.5 }));
  return { name: 'mill.svg', mediaType: 'image/svg+xml', bytes };
}

export function sampleUnsafeDrawing(): Sample {
  const bytes = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg"
     width="640" height="480">
  <circle r="90" onclick="steal()"/>
</svg>
`);
  return { name: 'button.svg', mediaType: 'image/svg+xml', bytes };
}

/** Eight seconds of a day at the mill, in a container and with a codec that browsers do not play. */
export async function sampleVideo(): Promise<Sample> {
  const frames: Buffer[] = [];
  for (let at = 0; at < 96; at += 1) {
    const drawing = scene(1280, 720, { day: at / 95, turn: at / 48 });
    frames.push(await sharp(Buffer.from(drawing)).jpeg().toBuffer());
  }
  const bytes = make(
    Buffer.concat(frames),
    ...['-f', 'image2pipe', '-framerate', '12', '-c:v', 'mjpeg', '-i', 'pipe:0'],
    ...['-f', 'lavfi', '-i', 'sine=f=220:d=8', '-c:v', 'copy', '-c:a', 'flac', '-f', 'matroska'],
  );
  const frame = frames[0] ?? bytes;
  return { name: 'a day.mkv', mediaType: 'video/x-matroska', bytes, frame };
}

/** Strokes of a hammer that comes nearer and goes away. */
export function sampleSound(): Sample {
  const nearness = '(0.15+0.85*pow(sin(PI*t/12),2))';
  const strokes = `(exp(-5*mod(t,0.75))+0.5*exp(-9*mod(t+0.3,1.5)))`;
  const tone = `0.6*sin(2*PI*180*t)*${strokes}*${nearness}`;
  const bytes = make(
    Buffer.alloc(0),
    ...['-f', 'lavfi', '-i', `aevalsrc='${tone}':d=12:s=44100`, '-c:a', 'libmp3lame', '-f', 'mp3'],
  );
  return { name: 'hammer.mp3', mediaType: 'audio/mpeg', bytes };
}

export function sampleDocument(): Sample {
  const bytes = Buffer.from(`# 정산 안내

주문이 끝나면 **결제**는 다음 날 새벽에 정산됩니다.
영수증(receipts)은 [주문 화면](/orders)에서 내려받습니다.

- 결제를 취소하면 언제 환불되나요?
  영업일로 *사흘* 안에 환불됩니다.
`);
  return { name: '정산 안내.md', mediaType: 'text/markdown', bytes };
}

const PATHS = ['/', '/wheel', '/orders', '/cart'];

/** 400 requests of ten minutes, and one line that is none. */
export function sampleLog(): Sample {
  const lines = Array.from({ length: 400 }, (_, at) => {
    const time = new Date(Date.UTC(2026, 10, 24, 9, 0, Math.floor(at * 1.5)));
    const clock = time.toISOString().slice(11, 19);
    const path = PATHS[(at % 11) % PATHS.length];
    const status = at % 67 === 66 ? 500 : at % 23 === 22 ? 404 : at % 7 === 6 ? 304 : 200;
    const from = `203.0.113.${1 + ((at * 37) % 250)}`;
    return `${from} - - [24/Nov/2026:${clock} +0000] "GET ${path} HTTP/1.1" ${status} 512 "-" "Mozilla/5.0"`;
  });
  lines.splice(3, 0, 'kernel: eth0: link is down');
  return {
    name: 'access.log',
    mediaType: 'text/x-log;format=combined',
    bytes: Buffer.from(`${lines.join('\n')}\n`),
  };
}

/** One sale is cancelled, one has no number where one must be. */
export function sampleTable(): Sample {
  const bytes = Buffer.from(`주문번호,판매일,상품코드,매장,수량,금액,취소
A-1,2026-11-24 09:00,SKU-1,서울,2,"24,000",아니오
A-2,2026-11-24 09:05,SKU-2,부산,1,9000,아니오
A-3,2026-11-24 09:10,SKU-1,서울,1,12000,예
A-4,2026-11-24 09:15,SKU-3,제주,여러 개,7000,아니오
A-5,2026-11-24 09:20,SKU-2,제주,3,27000,아니오
`);
  return { name: '매출.csv', mediaType: 'text/csv', bytes };
}
