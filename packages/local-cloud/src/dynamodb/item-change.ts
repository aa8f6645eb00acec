/** Attributes by their names, each value as `{type: value}`; binary in base64, or as its bytes. */
export type Image = Readonly<Record<string, AttributeValue>>;

/** One of its fields is there. */
export interface AttributeValue {
  readonly B?: Uint8Array | string | undefined;
  readonly BS?: readonly (Uint8Array | string)[] | undefined;
  readonly SS?: readonly string[] | undefined;
  readonly NS?: readonly string[] | undefined;
  readonly L?: readonly AttributeValue[] | undefined;
  readonly M?: Image | undefined;
  readonly S?: string | undefined;
  readonly N?: string | undefined;
  readonly BOOL?: boolean | undefined;
  readonly NULL?: boolean | undefined;
}

/** A change of an item, as the stream of its table tells it. */
export interface ItemChange {
  readonly sequenceNumber: string;
  readonly eventName: string | undefined;
  /** Whole seconds since the epoch. */
  readonly createdAt: number;
  readonly keys: Image;
  readonly newImage: Image | undefined;
  readonly oldImage: Image | undefined;
  readonly sizeBytes: number | undefined;
  readonly viewType: string | undefined;
  /** Only when the service itself changed the item. */
  readonly userIdentity: { readonly type?: string; readonly principalId?: string } | undefined;
}
