import sharp from 'sharp';
import type { SampleFile } from './sample-file.ts';

/** The pictures are drawn, so that they are the same everywhere and belong to nobody. */
export async function samplePictures(): Promise<SampleFile[]> {
  const landscape = await scene(2400, 1600, '#f4a259', '#5b8e7d');
  const jpeg = await landscape.clone().jpeg({ quality: 85 }).toBuffer();
  return [
    ready('river.jpg', 'image/jpeg', jpeg, 2400, 1600),
    // Orientation 6: the pixels lie on their side, a viewer turns them by 90°.
    ready(
      'upright (EXIF 6).jpg',
      'image/jpeg',
      await landscape.clone().withMetadata({ orientation: 6 }).jpeg().toBuffer(),
      1600,
      2400,
    ),
    ready(
      '사진 #1 (50%)+.jpg',
      'image/jpeg',
      await (await scene(1920, 1280, '#8cb369', '#355070')).jpeg().toBuffer(),
      1920,
      1280,
    ),
    ready(
      'wheel.png',
      'image/png',
      await (await scene(1500, 1500, '#bc4b51', '#f4e285')).png().toBuffer(),
      1500,
      1500,
    ),
    {
      name: 'cut off.jpg',
      contentType: 'image/jpeg',
      bytes: jpeg.subarray(0, Math.floor(jpeg.length / 3)),
      expected: { status: 'rejected' },
    },
  ];
}

function ready(
  name: string,
  contentType: string,
  bytes: Buffer,
  width: number,
  height: number,
): SampleFile {
  return { name, contentType, bytes, expected: { status: 'ready', width, height } };
}

/** Hills, a sun and a mill wheel: enough detail that a thumbnail shows whether it is the right way up. */
async function scene(width: number, height: number, sky: string, hill: string) {
  const spokes = Array.from({ length: 8 }, (_, index) => {
    const angle = (index * Math.PI) / 4;
    return `<line x1="0" y1="0" x2="${Math.cos(angle) * 100}" y2="${Math.sin(angle) * 100}" stroke="#3d2b1f" stroke-width="12"/>`;
  }).join('');
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <defs><linearGradient id="s" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${sky}"/><stop offset="1" stop-color="#fff4e0"/></linearGradient></defs>
    <rect width="100%" height="100%" fill="url(#s)"/>
    <circle cx="${width * 0.8}" cy="${height * 0.2}" r="${height * 0.08}" fill="#fff7c0"/>
    <ellipse cx="${width * 0.3}" cy="${height}" rx="${width * 0.6}" ry="${height * 0.4}" fill="${hill}"/>
    <g transform="translate(${width * 0.62} ${height * 0.66}) scale(${height / 700})"><circle r="104" fill="none" stroke="#3d2b1f" stroke-width="16"/>${spokes}</g>
  </svg>`;
  return sharp(Buffer.from(svg));
}
