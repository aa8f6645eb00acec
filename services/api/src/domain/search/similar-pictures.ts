import {
  bandsNear,
  type FileItem,
  hammingDistance,
  MOST_DISTANCE,
  type SimilarAnswer,
  tellsPictures,
  token,
  versionOfKey,
} from '@millrace/types';
import { currentVersions } from './current-versions.ts';
import { currentFiles } from './find-current.ts';
import type { FileLookup, SearchReader } from './ports.ts';

const MOST_PICTURES = 100;
/** Of each of the 68 bands that are looked for. */
const MOST_PER_BAND = 1_000;

/** Pictures whose perceptual hash differs from this one's in at most `MOST_DISTANCE` bits; none of what is no picture. */
export async function similarPictures(
  picture: FileItem,
  { index, files }: { readonly index: SearchReader; readonly files: FileLookup },
): Promise<SimilarAnswer> {
  const { tenant, fileId, status, image } = picture;
  const hash = image?.perceptualHash;
  if (status !== 'ready' || hash === undefined || !tellsPictures(hash)) {
    return { items: [], partial: false };
  }
  const lists = await Promise.all(
    bandsNear(hash).map((band) => index.postings(tenant, token.band(band), MOST_PER_BAND)),
  );
  const distances = new Map<string, number>();
  for (const { postings } of lists) {
    for (const [versionKey, posting] of postings) {
      if (posting.hash === undefined || versionOfKey(versionKey).fileId === fileId) continue;
      const distance = hammingDistance(hash, posting.hash);
      if (distance <= MOST_DISTANCE) distances.set(versionKey, distance);
    }
  }
  const nearest = [...distances]
    .map(([versionKey, distance]) => ({ versionKey, distance }))
    .sort(
      (one, other) => one.distance - other.distance || (one.versionKey > other.versionKey ? -1 : 1),
    );
  const { found, lookedAt } = await currentVersions(
    currentFiles(files),
    tenant,
    nearest,
    MOST_PICTURES,
  );
  return {
    items: found.map(({ current: { file }, distance }) => ({
      ...{ file: file.fileId, name: file.name, distance },
    })),
    partial:
      lookedAt < nearest.length || lists.some(({ unreadBelow }) => unreadBelow !== undefined),
  };
}
