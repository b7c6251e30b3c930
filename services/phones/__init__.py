"""A telephone network to practise on: it speaks Twilio's API, with people who behave."""
