/**
 * Elements by hand. Text from the data only ever becomes a text node or an attribute value, so a
 * function that is called `<script>` is shown as that and runs nothing.
 */
export type Child = Node | string;
export type Attributes = Readonly<Record<string, string>>;

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export function drawing<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Node[]
): SVGElementTagNameMap[K] {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Writes only what changed: a screen reader or a selection is not disturbed every second. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

export function setAttribute(target: Element, name: string, value: string | undefined): void {
  if (value === undefined) target.removeAttribute(name);
  else if (target.getAttribute(name) !== value) target.setAttribute(name, value);
}

/** A part of the page that shows one thing and can show its next state. */
export interface View<T> {
  readonly root: Element;
  update(value: T): void;
}

/** Keeps one view per item in `parent`, in the items' order; the views of items that left go too. */
export function createList<T>(
  parent: Element,
  keyOf: (item: T) => string,
  create: (item: T) => View<T>,
): (items: readonly T[]) => void {
  const views = new Map<string, View<T>>();
  return (items) => {
    const keys = new Set(items.map(keyOf));
    for (const [key, view] of views) {
      if (keys.has(key)) continue;
      view.root.remove();
      views.delete(key);
    }
    for (const [index, item] of items.entries()) {
      const key = keyOf(item);
      const view = views.get(key) ?? create(item);
      views.set(key, view);
      if (parent.children[index] !== view.root) {
        parent.insertBefore(view.root, parent.children[index] ?? null);
      }
      view.update(item);
    }
  };
}
