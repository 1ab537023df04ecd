"""The Realtime wire protocol, sans-IO: event types, JSON codec, wire errors.

The GA dialect. `items`, `session_object` and `response_object` hold what events
carry, `client_events` and `server_events` one struct per event type, `limits` says how
much of anything there may be. `codec` turns events into JSON and back: strict about
clients, for whom `wire_errors` has every refusal with the endpoint's code and text,
`connection_errors` those that end a connection, with their `close_codes`, and
`refusals` words what the decoder finds wrong; tolerant of servers, by the rules of
`tolerance`. `dialect` says what a translation is, `beta` is one. `ids` names things.
"""
