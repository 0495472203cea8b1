// What may stand in a server or a location of the nginx in NPM's image: its core, proxy, headers, gzip, ssl and
// the like. Enough to tell a slip of the pen from a directive.
const names = `
absolute_redirect access_log add_after_body add_before_body add_header add_trailer addition_types aio alias allow
allow_methods ancient_browser auth_basic auth_basic_user_file auth_delay auth_request auth_request_set autoindex
break brotli charset chunked_transfer_encoding client_body_buffer_size client_body_in_file_only
client_body_temp_path client_body_timeout client_header_buffer_size client_header_timeout client_max_body_size
connection_pool_size dav_methods default_type deny directio disable_symlinks empty_gif error_log error_page etag
expires fastcgi_buffers fastcgi_index fastcgi_param fastcgi_pass fastcgi_read_timeout flv grpc_pass
grpc_read_timeout grpc_set_header gunzip gzip gzip_buffers gzip_comp_level gzip_disable gzip_min_length
gzip_proxied gzip_static gzip_types gzip_vary http2 http2_max_concurrent_streams http2_push if if_modified_since
ignore_invalid_headers include index internal keepalive_disable keepalive_requests keepalive_timeout
large_client_header_buffers limit_conn limit_conn_log_level limit_conn_status limit_except limit_rate
limit_rate_after limit_req limit_req_log_level limit_req_status lingering_close listen location log_not_found
log_subrequest map max_ranges merge_slashes mirror modern_browser mp4 msie_padding open_file_cache output_buffers
port_in_redirect proxy_bind proxy_buffer_size proxy_buffering proxy_buffers proxy_busy_buffers_size proxy_cache
proxy_cache_bypass proxy_cache_key proxy_cache_lock proxy_cache_methods proxy_cache_min_uses
proxy_cache_revalidate proxy_cache_use_stale proxy_cache_valid proxy_connect_timeout proxy_cookie_domain
proxy_cookie_flags proxy_cookie_path proxy_force_ranges proxy_headers_hash_bucket_size
proxy_headers_hash_max_size proxy_hide_header proxy_http_version proxy_ignore_client_abort proxy_ignore_headers
proxy_intercept_errors proxy_limit_rate proxy_max_temp_file_size proxy_method proxy_next_upstream
proxy_next_upstream_timeout proxy_next_upstream_tries proxy_no_cache proxy_pass proxy_pass_header
proxy_pass_request_body proxy_pass_request_headers proxy_protocol proxy_read_timeout proxy_redirect
proxy_request_buffering proxy_responses proxy_send_lowat proxy_send_timeout proxy_set_body proxy_set_header
proxy_socket_keepalive proxy_ssl proxy_ssl_certificate proxy_ssl_certificate_key proxy_ssl_ciphers
proxy_ssl_name proxy_ssl_protocols proxy_ssl_server_name proxy_ssl_session_reuse
proxy_ssl_trusted_certificate proxy_ssl_verify proxy_store proxy_temp_path proxy_timeout
proxy_upload_rate proxy_download_rate random_index real_ip_header real_ip_recursive recursive_error_pages
referer_hash_max_size reset_timedout_connection resolver resolver_timeout return rewrite rewrite_log root satisfy
send_lowat send_timeout sendfile sendfile_max_chunk server server_name server_name_in_redirect server_tokens set
set_real_ip_from slice source_charset split_clients ssi ssl_buffer_size ssl_certificate ssl_certificate_key
ssl_ciphers ssl_client_certificate ssl_crl ssl_dhparam ssl_early_data ssl_ecdh_curve ssl_password_file
ssl_prefer_server_ciphers ssl_protocols ssl_reject_handshake ssl_session_cache ssl_session_tickets
ssl_session_timeout ssl_stapling ssl_stapling_verify ssl_trusted_certificate ssl_verify_client ssl_verify_depth
stub_status sub_filter sub_filter_last_modified sub_filter_once sub_filter_types subrequest_output_buffer_size
tcp_nodelay tcp_nopush try_files types types_hash_max_size underscores_in_headers uninitialized_variable_warn
upstream userid uwsgi_pass valid_referers variables_hash_max_size xslt_stylesheet more_set_headers
more_clear_headers geoip2 js_content
`;

export const knownDirectives: ReadonlySet<string> = new Set(names.trim().split(/\s+/));

/** They stand above servers, never in one. */
export const outerDirectives: ReadonlySet<string> = new Set(['server', 'upstream', 'map', 'split_clients']);

/** They are complete without a word. */
export const bareDirectives: ReadonlySet<string> = new Set([
  'break',
  'internal',
  'empty_gif',
  'stub_status',
  'types',
  'flv',
  'mp4',
]);
