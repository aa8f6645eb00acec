/** A table for each pipeline. `sequence` fences; `removed` rows are tombstones, purged by `changed_at`. */
export const sql = `
CREATE TABLE millrace_sink.orders (
  tenant text NOT NULL,
  order_id text NOT NULL,
  customer_id text,
  status text,
  currency text,
  total bigint,
  line_count bigint,
  created_at timestamp with time zone,
  updated_at timestamp with time zone,
  image jsonb,
  sequence numeric NOT NULL,
  changed_at timestamp with time zone NOT NULL,
  removed boolean NOT NULL,
  PRIMARY KEY (tenant, order_id)
);
CREATE INDEX orders_removed ON millrace_sink.orders (changed_at) WHERE removed;
CREATE INDEX orders_created ON millrace_sink.orders (created_at) WHERE NOT removed;

CREATE TABLE millrace_sink.files (
  tenant text NOT NULL,
  file_id text NOT NULL,
  name text,
  bucket text,
  key text,
  status text,
  declared_type text,
  detected_type text,
  size bigint,
  image_format text,
  image_width bigint,
  image_height bigint,
  rendition_count bigint,
  reason_code text,
  created_at timestamp with time zone,
  updated_at timestamp with time zone,
  image jsonb,
  sequence numeric NOT NULL,
  changed_at timestamp with time zone NOT NULL,
  removed boolean NOT NULL,
  PRIMARY KEY (tenant, file_id)
);
CREATE INDEX files_removed ON millrace_sink.files (changed_at) WHERE removed;

CREATE TABLE millrace_sink.documents (
  tenant text NOT NULL,
  document_id text NOT NULL,
  event_order text,
  deleted boolean,
  title text,
  url text,
  language text,
  version text,
  updated_at timestamp with time zone,
  image jsonb,
  sequence numeric NOT NULL,
  changed_at timestamp with time zone NOT NULL,
  removed boolean NOT NULL,
  PRIMARY KEY (tenant, document_id)
);
CREATE INDEX documents_removed ON millrace_sink.documents (changed_at) WHERE removed;

CREATE TABLE millrace_sink.devices (
  device_id text NOT NULL,
  tenant text,
  name text,
  status text,
  created_at timestamp with time zone,
  updated_at timestamp with time zone,
  image jsonb,
  sequence numeric NOT NULL,
  changed_at timestamp with time zone NOT NULL,
  removed boolean NOT NULL,
  PRIMARY KEY (device_id)
);
CREATE INDEX devices_removed ON millrace_sink.devices (changed_at) WHERE removed;
`;
