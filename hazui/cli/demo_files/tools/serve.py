"""A tiny web server on a free port."""

from http.server import HTTPServer, SimpleHTTPRequestHandler

server = HTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler)
print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
