"""The Realtime wire protocol, sans-IO: event types, JSON codec, wire errors.

The GA dialect. `items` and `response_object` hold what events carry,
`client_events` and `server_events` one struct per event type, `codec` turns
them into JSON and back, `wire_errors` has every refusal with the endpoint's
code and text, `refusals` words what the decoder finds wrong, `ids` names things.
"""
