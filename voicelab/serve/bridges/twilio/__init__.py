"""The bridge to Twilio: a webhook answers with TwiML, which opens a media stream."""
