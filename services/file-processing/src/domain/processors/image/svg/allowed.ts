export const SVG_NAMESPACE = 'http://www.w3.org/2000/svg';

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/**
 * What draws, and nothing that runs, animates, embeds other documents or is costly beyond measure
 * (feTurbulence, feConvolveMatrix, feMorphology, lighting).
 */
export const ALLOWED_ELEMENTS = words(`
  svg g defs symbol use switch a title desc metadata style view
  path rect circle ellipse line polyline polygon image
  text tspan tref textPath
  linearGradient radialGradient stop pattern clipPath mask marker
  filter feBlend feColorMatrix feComponentTransfer feComposite feDropShadow feFlood feFuncA feFuncB
  feFuncG feFuncR feGaussianBlur feMerge feMergeNode feOffset
`);

/** Of drawing programs, which keep their notes in the file; nothing draws them. */
const NOTES_OF_EDITORS = [
  'http://sodipodi.sourceforge.net/',
  'http://www.inkscape.org/',
  'http://www.w3.org/1999/02/22-rdf-syntax-ns#',
  'http://creativecommons.org/ns#',
  'http://web.resource.org/cc/',
  'http://purl.org/dc/',
  'http://ns.adobe.com/',
  'http://www.bohemiancoding.com/sketch/',
  'http://www.serif.com/',
  'https://boxy-svg.com',
];

export const isNoteOfEditor = (namespace: string) =>
  NOTES_OF_EDITORS.some((known) => namespace.startsWith(known));

/** Written by Adobe's programs around their notes. */
export const ALLOWED_INSTRUCTIONS = words('xpacket');

/** Pictures that may lie in the file itself. */
export const EMBEDDED_PICTURE = /^\s*data:image\/(?:png|jpe?g|webp);base64,/i;
