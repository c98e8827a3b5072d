customer.login
{"contact":{"user_id":2,"locale":"fa_IR"}}