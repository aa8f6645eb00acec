/**
 * What reports read: nothing that was removed, the tenant in every row, days in UTC, money in the
 * currency's minor units. `::numeric` only where the item says a number: one odd item must not
 * make a report fail.
 */
export const sql = `
CREATE SCHEMA IF NOT EXISTS millrace;

CREATE VIEW millrace.orders AS
  SELECT tenant, order_id, customer_id, status, currency, total, line_count, created_at, updated_at,
         image, changed_at
    FROM millrace_sink.orders WHERE NOT removed;

CREATE VIEW millrace.files AS
  SELECT tenant, file_id, name, bucket, key, status, declared_type, detected_type, size,
         image_format, image_width, image_height, rendition_count, reason_code, created_at, updated_at,
         image, changed_at
    FROM millrace_sink.files WHERE NOT removed;

-- A deleted document keeps its item for a while, so that older events of it are known as such.
CREATE VIEW millrace.documents AS
  SELECT tenant, document_id, title, url, language, version, updated_at, image, changed_at
    FROM millrace_sink.documents WHERE NOT removed AND NOT deleted;

CREATE VIEW millrace.devices AS
  SELECT tenant, device_id, name, status, created_at, updated_at, image, changed_at
    FROM millrace_sink.devices WHERE NOT removed;

CREATE VIEW millrace.orders_by_day AS
  SELECT tenant, (created_at AT TIME ZONE 'UTC')::date AS day, status, currency,
         count(*) AS orders, sum(total) AS revenue_minor
    FROM millrace.orders GROUP BY 1, 2, 3, 4;

CREATE VIEW millrace.sales_by_sku AS
  SELECT tenant, day, status, currency, sku, count(DISTINCT order_id) AS orders,
         sum(quantity) AS quantity, sum(quantity * unit_price) AS revenue_minor
    FROM (
      SELECT tenant, order_id, (created_at AT TIME ZONE 'UTC')::date AS day, status, currency,
             line->>'sku' AS sku,
             CASE WHEN jsonb_typeof(line->'quantity') = 'number'
                  THEN (line->>'quantity')::numeric END AS quantity,
             CASE WHEN jsonb_typeof(line->'unitPrice') = 'number'
                  THEN (line->>'unitPrice')::numeric END AS unit_price
        FROM millrace.orders,
             jsonb_array_elements(CASE WHEN jsonb_typeof(image->'lines') = 'array'
                                       THEN image->'lines' ELSE '[]' END) AS line
    ) AS lines
   GROUP BY 1, 2, 3, 4, 5;

CREATE VIEW millrace.devices_by_tenant AS
  SELECT tenant, status, count(*) AS devices, max(updated_at) AS last_updated_at
    FROM millrace.devices GROUP BY 1, 2;

CREATE VIEW millrace.files_by_kind AS
  SELECT tenant, coalesce(image->>'kind', 'unknown') AS kind, status, reason_code,
         count(*) AS files, sum(size) AS bytes
    FROM millrace.files GROUP BY 1, 2, 3, 4;

CREATE VIEW millrace.documents_by_language AS
  SELECT tenant, language, count(*) AS documents, max(updated_at) AS last_updated_at
    FROM millrace.documents GROUP BY 1, 2;
`;
