PRAGMA application_id = 1836264753;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE arrival (
	opportunity INTEGER NOT NULL, 
	milestone INTEGER NOT NULL, 
	process INTEGER NOT NULL, 
	day INTEGER NOT NULL, 
	implied INTEGER NOT NULL, 
	value INTEGER, 
	rep INTEGER, 
	PRIMARY KEY (opportunity, milestone), 
	FOREIGN KEY(opportunity) REFERENCES opportunity (number), 
	FOREIGN KEY(milestone) REFERENCES milestone (number), 
	FOREIGN KEY(process) REFERENCES process (number), 
	FOREIGN KEY(rep) REFERENCES rep (number)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "arrival" VALUES(1,1,1,20463,0,1000000,1);
INSERT INTO "arrival" VALUES(1,2,1,20492,1,1000000,1);
INSERT INTO "arrival" VALUES(1,3,1,20492,0,1000000,1);
INSERT INTO "arrival" VALUES(2,1,1,20490,0,2000000,NULL);
INSERT INTO "arrival" VALUES(2,2,1,20605,0,2000000,NULL);
INSERT INTO "arrival" VALUES(4,4,2,20456,0,500000,NULL);
INSERT INTO "arrival" VALUES(4,5,2,20487,0,500000,NULL);
INSERT INTO "arrival" VALUES(5,4,2,20637,0,700000,NULL);
CREATE TABLE command (
	number INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	who TEXT NOT NULL, 
	entered_at INTEGER NOT NULL, 
	undoes INTEGER, 
	previous TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (id), 
	FOREIGN KEY(undoes) REFERENCES command (number)
)
 STRICT

;
INSERT INTO "command" VALUES(1,'01a2144558d9797c808b2bdff7fbca4e','define-process','somebody',1795636418777054,NULL,'','3948d811fee1832e407b4754681452d7c08d3e26ace04c06bbf9bd2f7c57b1fc');
INSERT INTO "command" VALUES(2,'01a214455b617267813245f94806bd00','define-process','somebody',1795636419425952,NULL,'3948d811fee1832e407b4754681452d7c08d3e26ace04c06bbf9bd2f7c57b1fc','92af8a1e53530aea6fe35143b5bc10d27bc6f35570039216c6a3744051f73cc1');
INSERT INTO "command" VALUES(3,'01a214455d53758d870b095ed94ad43b','add-rep','somebody',1795636419923521,NULL,'92af8a1e53530aea6fe35143b5bc10d27bc6f35570039216c6a3744051f73cc1','9d76e61f35712c5d723019303ff3e4fec90f50000169eb21049ca53b26a3d8da');
INSERT INTO "command" VALUES(4,'01a214455f4674aa90fb583afa6d0036','add','somebody',1795636420422156,NULL,'9d76e61f35712c5d723019303ff3e4fec90f50000169eb21049ca53b26a3d8da','2d8a97e197508e9f5721faba2d635e6503df616b1359b5ff3bf331afabf7380f');
INSERT INTO "command" VALUES(5,'01a2144561657b7f935730ebeb974ec5','advance','somebody',1795636420965646,NULL,'2d8a97e197508e9f5721faba2d635e6503df616b1359b5ff3bf331afabf7380f','f8683305d5a4f49d2dc117a3dcea70089ba6bfcc790f5743f3bf253a53f7ef4b');
INSERT INTO "command" VALUES(6,'01a2144563b27ee49dff35b4777713a8','advance','somebody',1795636421554002,NULL,'f8683305d5a4f49d2dc117a3dcea70089ba6bfcc790f5743f3bf253a53f7ef4b','e96bb3d5d8afeb46a0ed7f51d6f6c7b287137430b84727e557c93dfc28a5c032');
INSERT INTO "command" VALUES(7,'01a21445667e71f1979283b8b78dafd3','add','somebody',1795636422270190,NULL,'e96bb3d5d8afeb46a0ed7f51d6f6c7b287137430b84727e557c93dfc28a5c032','7b048409e28a55ae700c13e10e441abcf1221780c616f0128977de475915ca3c');
INSERT INTO "command" VALUES(8,'01a2144568997f598a7e5d82fca12a0a','advance','somebody',1795636422809312,NULL,'7b048409e28a55ae700c13e10e441abcf1221780c616f0128977de475915ca3c','b32f6c8d12c2c0ee1ef6d28238c83c06606112e235881e62f6d2b7793e364021');
INSERT INTO "command" VALUES(9,'01a214456b6a787484525187c9647ab8','lose','somebody',1795636423530792,NULL,'b32f6c8d12c2c0ee1ef6d28238c83c06606112e235881e62f6d2b7793e364021','92b18204e88b13d1273d17e091c51c49ce4848fe51e464417bf7aaaebf44b191');
INSERT INTO "command" VALUES(10,'01a214456ddd78ff843d0620d59234db','reopen','somebody',1795636424157347,NULL,'92b18204e88b13d1273d17e091c51c49ce4848fe51e464417bf7aaaebf44b191','08a8f78f68629a7c70fb17867e0adfbc733530689c8c926e7f6a9864d4edd782');
INSERT INTO "command" VALUES(11,'01a21445716e78ec9dac3ce1cf328cff','advance','somebody',1795636425070905,NULL,'08a8f78f68629a7c70fb17867e0adfbc733530689c8c926e7f6a9864d4edd782','9c1c17e13f91ad01eca3006b0b5d247f6963646a034e5bd4be83a39310015411');
INSERT INTO "command" VALUES(12,'01a2144575537e6e80ba76085cbd54b8','add','somebody',1795636426067603,NULL,'9c1c17e13f91ad01eca3006b0b5d247f6963646a034e5bd4be83a39310015411','da09ba8e7946c40222570892d551a554a2a068b21872179ca208372d401b70a8');
INSERT INTO "command" VALUES(13,'01a21445774279b295cb1f33d2f016be','standing','somebody',1795636426562522,NULL,'da09ba8e7946c40222570892d551a554a2a068b21872179ca208372d401b70a8','b2c79d535799815498436b3796591a323247472a4f8f999911f240c016560b2c');
INSERT INTO "command" VALUES(14,'01a21445791b76eb9d6ff6f321943d98','import','somebody',1795636427035026,NULL,'b2c79d535799815498436b3796591a323247472a4f8f999911f240c016560b2c','40df9fa70e80996346c5bc7b6bad766096525ba6b71156b48e4cd9d57c47d859');
INSERT INTO "command" VALUES(15,'01a214457b1e79c39aa02af373c8136c','amend','somebody',1795636427550982,NULL,'40df9fa70e80996346c5bc7b6bad766096525ba6b71156b48e4cd9d57c47d859','5a611893802c23f6de8a807368af34dffa1b82ceafe945f1ffb7306914655839');
INSERT INTO "command" VALUES(16,'01a214457d15706a8d05bafd36f27577','revalue','somebody',1795636428053968,NULL,'5a611893802c23f6de8a807368af34dffa1b82ceafe945f1ffb7306914655839','832810abebb4cc916a0ac91768c5b246528a931586d37c4abc7d29b61cba41b0');
INSERT INTO "command" VALUES(17,'01a214457f03788f9ca483cff802ab71','undo','somebody',1795636428547948,16,'832810abebb4cc916a0ac91768c5b246528a931586d37c4abc7d29b61cba41b0','39cf76a474931006bfe33fcb6d817e5e32bb7d100918ab60aa3e9f51eb245b9b');
CREATE TABLE customer (
	number INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	folded TEXT NOT NULL, 
	text INTEGER NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (folded), 
	FOREIGN KEY(text) REFERENCES text (number)
)
 STRICT

;
INSERT INTO "customer" VALUES(1,'Example One','example one',3);
INSERT INTO "customer" VALUES(2,'Example Two','example two',6);
INSERT INTO "customer" VALUES(3,'Example Three','example three',8);
INSERT INTO "customer" VALUES(4,'four','four',10);
INSERT INTO "customer" VALUES(5,'five','five',12);
CREATE TABLE external (
	external_id TEXT NOT NULL, 
	fact INTEGER NOT NULL, 
	PRIMARY KEY (external_id), 
	FOREIGN KEY(fact) REFERENCES fact (number)
)
 WITHOUT ROWID,
 STRICT

;
CREATE TABLE fact (
	number INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	command INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	day INTEGER NOT NULL, 
	entered_at INTEGER NOT NULL, 
	recorded_at INTEGER, 
	known_day INTEGER NOT NULL, 
	opportunity INTEGER, 
	payload TEXT NOT NULL, 
	PRIMARY KEY (number), 
	CHECK (day BETWEEN 7305 AND 47846), 
	CHECK (payload LIKE '{%}'), 
	UNIQUE (id), 
	FOREIGN KEY(opportunity) REFERENCES opportunity (number)
)
 STRICT

;
INSERT INTO "fact" VALUES(1,'01a2144558d9797c808b2be0a3f95cb9',1,0,'version_defined',20780,1795636418777054,NULL,20782,NULL,'{"definition":{"currency":"EUR","evidence_required":false,"history_from":null,"key":"b2b","milestones":[{"customer_action":"The customer shows interest","days":null,"dead_after_days":null,"how":[],"key":"interest","name":"Interest","rate":null},{"customer_action":"The customer asks for an offer","days":60,"dead_after_days":null,"how":[],"key":"offer","name":"Offer asked for","rate":null},{"customer_action":"The customer orders","days":null,"dead_after_days":null,"how":[],"key":"order","name":"Order","rate":"0.4"}],"title":"B2B","typical_value":null},"from":null,"process":"b2b","v":1}');
INSERT INTO "fact" VALUES(2,'01a2144558d9797c808b2be0de002700',1,1,'target_set',20780,1795636418777054,NULL,20782,NULL,'{"amount":10000000,"from":null,"process":"b2b","rep":null,"v":1}');
INSERT INTO "fact" VALUES(3,'01a214455b617267813245f9ab56409d',2,0,'version_defined',20780,1795636419425952,NULL,20782,NULL,'{"definition":{"currency":"EUR","evidence_required":false,"history_from":null,"key":"smb","milestones":[{"customer_action":"The customer shows interest","days":null,"dead_after_days":null,"how":[],"key":"interest","name":"Interest","rate":null},{"customer_action":"The customer asks for an offer","days":60,"dead_after_days":null,"how":[],"key":"offer","name":"Offer asked for","rate":null},{"customer_action":"The customer orders","days":null,"dead_after_days":null,"how":[],"key":"order","name":"Order","rate":"0.4"}],"title":"SMB","typical_value":null},"from":null,"process":"smb","v":1}');
INSERT INTO "fact" VALUES(4,'01a214455b617267813245fa8bc5194f',2,1,'target_set',20780,1795636419425952,NULL,20782,NULL,'{"amount":10000000,"from":null,"process":"smb","rep":null,"v":1}');
INSERT INTO "fact" VALUES(5,'01a214455d53758d870b095f59d13ac2',3,0,'rep_added',20780,1795636419923521,NULL,20782,NULL,'{"from":20780,"rep":1,"texts":{"key":[1,"106257ed35605f6100f5584e3461153c"],"name":[2,"4e82e87c583cfd666cb0ed6a4342bc25"]},"v":1}');
INSERT INTO "fact" VALUES(6,'01a214455f4674aa90fb583bdad9bbff',4,0,'opened',20458,1795636420422156,NULL,20782,1,'{"customer":1,"process":"b2b","rep":1,"texts":{"customer":[3,"3ad51c5a7052a08fa8c9682e60fe21fc"],"key":[4,"ab8c76583f9f17709caf8714ff486331"]},"v":1,"value":1000000}');
INSERT INTO "fact" VALUES(7,'01a2144561657b7f935730ec7b2f5aa6',5,0,'reached',20463,1795636420965646,NULL,20782,1,'{"evidence":"said","milestone":"interest","texts":{"text":[5,"c3013f2f302723b5d43b79063b3436d2"]},"v":1}');
INSERT INTO "fact" VALUES(8,'01a2144563b27ee49dff35b5345b6173',6,0,'reached',20583,1795636421554002,NULL,20782,1,'{"milestone":"order","v":1}');
INSERT INTO "fact" VALUES(9,'01a21445667e71f1979283b9b1b06201',7,0,'opened',20489,1795636422270190,NULL,20782,2,'{"customer":2,"process":"b2b","texts":{"customer":[6,"753cbed865a93e45d62b7936f9f97431"],"key":[7,"4eb4ef75be4ce6a30543c89469047f0c"]},"v":1,"value":2000000}');
INSERT INTO "fact" VALUES(10,'01a2144568997f598a7e5d8306965c73',8,0,'reached',20490,1795636422809312,NULL,20782,2,'{"milestone":"interest","v":1}');
INSERT INTO "fact" VALUES(11,'01a214456b6a787484525188a39362d4',9,0,'lost',20513,1795636423530792,NULL,20782,2,'{"v":1}');
INSERT INTO "fact" VALUES(12,'01a214456ddd78ff843d0621cfb959c0',10,0,'reopened',20544,1795636424157347,NULL,20782,2,'{"v":1}');
INSERT INTO "fact" VALUES(13,'01a21445716e78ec9dac3ce2bf8c6c9a',11,0,'reached',20605,1795636425070905,NULL,20782,2,'{"milestone":"offer","v":1}');
INSERT INTO "fact" VALUES(14,'01a2144575537e6e80ba7608b08fac10',12,0,'opened',20517,1795636426067603,NULL,20782,3,'{"customer":3,"process":"smb","rep":1,"texts":{"customer":[8,"6a4e4c6169d3bf6cc5d44f33369a7af8"],"key":[9,"6d30db1649a948ad6cf47d01790e540d"]},"v":1}');
INSERT INTO "fact" VALUES(15,'01a21445774279b295cb1f34d015ee3c',13,0,'standing',20780,1795636426562522,NULL,20782,3,'{"milestone":"interest","since":20454,"v":1}');
INSERT INTO "fact" VALUES(16,'01a21445791b76eb9d6ff6f3bcb089a8',14,0,'opened',20456,1795636427035026,NULL,20456,4,'{"customer":4,"process":"smb","texts":{"customer":[10,"566b6bf013f31133ff7cf57e8a7c9ff5"],"key":[11,"848b774d98f0d84330f70ce195a04973"]},"v":1}');
INSERT INTO "fact" VALUES(17,'01a21445791b76eb9d6ff6f41102bb98',14,1,'reached',20456,1795636427035026,NULL,20456,4,'{"milestone":"interest","v":1,"value":500000}');
INSERT INTO "fact" VALUES(18,'01a21445791b76eb9d6ff6f4f81b8ac7',14,2,'reached',20487,1795636427035026,1772355600000000,20513,4,'{"milestone":"offer","v":1}');
INSERT INTO "fact" VALUES(19,'01a21445791b76eb9d6ff6f4feaf0345',14,3,'opened',20637,1795636427035026,NULL,20637,5,'{"customer":5,"process":"smb","texts":{"customer":[12,"654608a2401b05fa9dcd1419f8b4b70d"],"key":[13,"fee8b7399d297da8704eb2d6fc5770bf"]},"v":1}');
INSERT INTO "fact" VALUES(20,'01a21445791b76eb9d6ff6f5b9a4695d',14,4,'reached',20637,1795636427035026,NULL,20637,5,'{"milestone":"interest","v":1,"value":700000}');
INSERT INTO "fact" VALUES(21,'01a214457b1e79c39aa02af3d8cbbd82',15,0,'voided',20780,1795636427550982,NULL,20782,1,'{"v":1,"voids":"01a2144563b27ee49dff35b5345b6173"}');
INSERT INTO "fact" VALUES(22,'01a214457b1e79c39aa02af4a02afd30',15,1,'reached',20492,1795636427550982,NULL,20782,1,'{"milestone":"order","v":1}');
INSERT INTO "fact" VALUES(23,'01a214457d15706a8d05bafd461f8884',16,0,'revalued',20666,1795636428053968,NULL,20782,5,'{"v":1,"value":900000}');
INSERT INTO "fact" VALUES(24,'01a214457f03788f9ca483d0cfeb0bd0',17,0,'voided',20780,1795636428547948,NULL,20782,5,'{"v":1,"voids":"01a214457d15706a8d05bafd461f8884"}');
CREATE TABLE meta (
	name TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (name)
)
 STRICT

;
INSERT INTO "meta" VALUES('head','39cf76a474931006bfe33fcb6d817e5e32bb7d100918ab60aa3e9f51eb245b9b');
INSERT INTO "meta" VALUES('facts','24');
INSERT INTO "meta" VALUES('commands','17');
CREATE TABLE milestone (
	number INTEGER NOT NULL, 
	process INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (process, "key"), 
	FOREIGN KEY(process) REFERENCES process (number)
)
 STRICT

;
INSERT INTO "milestone" VALUES(1,1,'interest');
INSERT INTO "milestone" VALUES(2,1,'offer');
INSERT INTO "milestone" VALUES(3,1,'order');
INSERT INTO "milestone" VALUES(4,2,'interest');
INSERT INTO "milestone" VALUES(5,2,'offer');
INSERT INTO "milestone" VALUES(6,2,'order');
CREATE TABLE opportunity (
	number INTEGER NOT NULL, 
	process INTEGER NOT NULL, 
	customer INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	folded TEXT, 
	title TEXT NOT NULL, 
	opened_on INTEGER, 
	status TEXT NOT NULL, 
	value INTEGER, 
	rep INTEGER, 
	milestone INTEGER, 
	waiting_since INTEGER, 
	won_on INTEGER, 
	lost_on INTEGER, 
	revisit_on INTEGER, 
	standing_milestone INTEGER, 
	standing_on INTEGER, 
	standing_since INTEGER, 
	standing_value INTEGER, 
	PRIMARY KEY (number), 
	CHECK (status IN ('target', 'open', 'won', 'lost', 'undone')), 
	CHECK (value IS NULL OR value BETWEEN 0 AND 900000000000000), 
	FOREIGN KEY(process) REFERENCES process (number), 
	FOREIGN KEY(customer) REFERENCES customer (number), 
	UNIQUE (folded), 
	FOREIGN KEY(rep) REFERENCES rep (number), 
	FOREIGN KEY(milestone) REFERENCES milestone (number), 
	FOREIGN KEY(standing_milestone) REFERENCES milestone (number)
)
 STRICT

;
INSERT INTO "opportunity" VALUES(1,1,1,'example-one','example-one','',20458,'won',1000000,1,3,20492,20492,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "opportunity" VALUES(2,1,2,'example-two','example-two','',20489,'open',2000000,NULL,2,20605,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "opportunity" VALUES(3,2,3,'example-three','example-three','',20517,'open',NULL,1,4,20454,NULL,NULL,NULL,4,20780,20454,NULL);
INSERT INTO "opportunity" VALUES(4,2,4,'four','four','',20456,'open',500000,NULL,5,20487,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "opportunity" VALUES(5,2,5,'five','five','',20637,'open',700000,NULL,4,20637,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE process (
	number INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE ("key")
)
 STRICT

;
INSERT INTO "process" VALUES(1,'b2b');
INSERT INTO "process" VALUES(2,'smb');
CREATE TABLE rep (
	number INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	name TEXT NOT NULL, 
	folded TEXT NOT NULL, 
	first_named INTEGER, 
	PRIMARY KEY (number), 
	UNIQUE (folded)
)
 STRICT

;
INSERT INTO "rep" VALUES(1,'anna','Anna Example','anna',20458);
CREATE TABLE snapshot (
	process INTEGER NOT NULL, 
	month INTEGER NOT NULL, 
	made_at INTEGER NOT NULL, 
	payload TEXT NOT NULL, 
	checksum TEXT NOT NULL, 
	PRIMARY KEY (process, month), 
	FOREIGN KEY(process) REFERENCES process (number)
)
 STRICT

;
INSERT INTO "snapshot" VALUES(1,24312,1795636420965646,'{"count_rates":["1/2","2/5"],"days_to":["0","60","90"],"dead":[[240,"planned"],[null,"none"]],"form":2,"keys":["interest","offer","order"],"lead_days":["90","30","0"],"measured":[],"needs":[],"owners":[1],"plan":["0.5 60 None","0.4 None None"],"rates":["1/2","2/5"],"source":"planned","version":1,"worths":{}}','c5ff481a7b68b39bdc7af0285ee0f30b');
INSERT INTO "snapshot" VALUES(1,24322,1795636429028128,'{"count_rates":["160519/250000","395919/1000000"],"days_to":["0","298/5","129"],"dead":[[240,"planned"],[null,"none"]],"form":2,"keys":["interest","offer","order"],"lead_days":["129","373/10","0"],"measured":[{"cases":2,"chances":[0.6421,0.6482,0.6492,0.6471,0.6437,0.6242,0.6153,0.605,0.5934,0.5838,0.573,0.5626,0.5529,0.5436,0.532,0.523,0.5115,0.4612,0.4457,0.4339,0.4222,0.3987,0.3867,0.3713,0.3617,0.3452,0.3272,0.3179,0.3021,0.2927,0.2839,0.2735,0.2644,0.2566,0.2489,0.239,0.2314,0.2238,0.2202,0.2131,0.2087,0.2034,0.1998,0.1939,0.1909,0.1847,0.1814,0.1775,0.1735,0.1698,0.1658,0.1643,0.159,0.1491,0.1342,0.1274,0.1151,0.1042,0.0948,0.0837,0.0773,0.0707,0.0631,0.0565,0.0523,0.048,0.0448,0.0419,0.0385,0.0358,0.0314,0.0286,0.0282,0.0256,0.0204,0.0191,0.0174,0.0127,0.0112,0.0109,0.0101,0.0099,0.0094,0.0085,0.0082,0.0077,0.0077,0.0077,0.0077,0.0075,0.0075,0.006,0.0059,0.0059,0.0059,0.0057,0.0026,0.0026,0.0025,0.0013,0.0013,0.0011,0.0008,0.0008,0.0007,0.0006,0.0005,0.0005,0.0005,0.0005,0.0,0.0,0.0,0.0],"days_p50":59.6,"days_p90":198.7,"high":0.909084,"low":0.335931,"weight_of_data":0.274},{"cases":1,"chances":[0.3959,0.3779,0.3621,0.3477,0.3326,0.3196,0.305,0.2934,0.2803,0.2694,0.2601,0.2502,0.2413,0.2353,0.2282,0.2184,0.2134,0.2069,0.2018,0.1977,0.1927,0.1871,0.1821,0.1787,0.1753,0.1728,0.1679,0.1617,0.1583,0.1559,0.1531,0.1481,0.1473,0.1439,0.1399,0.1365,0.1298,0.1252,0.1207,0.1177,0.1152,0.1123,0.1102,0.1082,0.1057,0.1036,0.1016,0.0975,0.0951,0.0944,0.093,0.092,0.0897,0.0832,0.0769,0.0706,0.0641,0.0594,0.0568,0.0535,0.0522,0.0514,0.0493,0.046,0.0446,0.0438,0.0424,0.041,0.0396,0.0339,0.0333,0.0315,0.0303,0.0288,0.0269,0.0263,0.0248,0.0245,0.0234,0.018,0.0163,0.0158,0.014,0.0132,0.013,0.0125,0.0117,0.0113,0.0106,0.0095,0.0086,0.0076,0.0075,0.0067,0.0063,0.0055,0.0052,0.0042,0.0039,0.0036,0.003,0.0028,0.0027,0.0021,0.0019,0.0016,0.0016,0.0016,0.001,0.0008,0.0008,0.0005,0.0003,0.0002],"days_p50":37.3,"days_p90":269.7,"high":0.750958,"low":0.113113,"weight_of_data":0.0}],"needs":[[2.193779,11.815443],[1.52552,6.339859],[1.0,1.0]],"owners":[],"plan":["0.5 60 None","0.4 None None"],"rates":["3231/5000","198073/500000"],"source":"measured","version":1,"worths":{"interest":[2,3000000],"offer":[2,3000000],"order":[1,1000000]}}','f4e17478366651d072dd403b137aea3c');
INSERT INTO "snapshot" VALUES(2,24322,1795636429028128,'{"count_rates":["534517/1000000","358883/1000000"],"days_to":["0","489/10","566/5"],"dead":[[240,"planned"],[null,"none"]],"form":2,"keys":["interest","offer","order"],"lead_days":["566/5","317/10","0"],"measured":[{"cases":2,"chances":[0.5345,0.5251,0.5153,0.5014,0.4863,0.4496,0.4344,0.4196,0.4091,0.3953,0.3841,0.3717,0.3624,0.3526,0.3442,0.3324,0.3188,0.3094,0.3013,0.2942,0.2875,0.2798,0.272,0.2654,0.2578,0.2529,0.2463,0.2402,0.2336,0.2268,0.2198,0.2137,0.2101,0.2039,0.2009,0.1961,0.1919,0.1877,0.1826,0.1798,0.1761,0.1711,0.1668,0.1632,0.1597,0.1563,0.1522,0.1495,0.1458,0.1433,0.1397,0.1362,0.133,0.1196,0.1081,0.1011,0.0915,0.0844,0.0794,0.0746,0.0676,0.0639,0.0574,0.0495,0.0454,0.0419,0.0383,0.0366,0.0356,0.0338,0.0309,0.0285,0.026,0.0226,0.0215,0.0197,0.019,0.0185,0.0179,0.0163,0.0149,0.0141,0.0137,0.0129,0.0105,0.01,0.0083,0.0078,0.0074,0.0072,0.0069,0.0061,0.0059,0.0057,0.0056,0.0055,0.0051,0.0051,0.0047,0.0037,0.0033,0.0031,0.0029,0.0026,0.0024,0.0012,0.0012,0.0012,0.001,0.0009,0.0009,0.0008,0.0008,0.0005],"days_p50":48.9,"days_p90":267.1,"high":0.797185,"low":0.25914,"weight_of_data":0.1549},{"cases":1,"chances":[0.3589,0.3417,0.323,0.3017,0.2832,0.2703,0.2552,0.2414,0.2249,0.2114,0.2,0.1909,0.1849,0.1738,0.1666,0.1598,0.1532,0.1478,0.1419,0.1365,0.1311,0.1266,0.1237,0.1193,0.1138,0.1112,0.1085,0.1052,0.1027,0.1,0.0985,0.0966,0.094,0.0919,0.0905,0.0879,0.0865,0.0839,0.0826,0.081,0.0798,0.077,0.0757,0.0746,0.0741,0.0706,0.07,0.0691,0.0677,0.0671,0.066,0.0653,0.0638,0.06,0.0568,0.0522,0.0511,0.0488,0.0464,0.0437,0.0414,0.0391,0.0368,0.0348,0.0344,0.0338,0.0323,0.0302,0.0292,0.0282,0.0271,0.0264,0.0253,0.0231,0.0198,0.0189,0.018,0.0163,0.0145,0.0141,0.0137,0.0131,0.0131,0.0127,0.0126,0.0125,0.0113,0.0106,0.0098,0.0097,0.0092,0.0091,0.008,0.008,0.008,0.0073,0.0064,0.0057,0.0051,0.0048,0.0046,0.0045,0.0036,0.0029,0.0029,0.0029,0.0026,0.0022,0.0017,0.0016,0.0005,0.0005,0.0003,0.0],"days_p50":31.7,"days_p90":224.2,"high":0.652002,"low":0.113494,"weight_of_data":0.0}],"needs":[[3.145306,13.795829],[1.749592,6.557298],[1.0,1.0]],"owners":[],"plan":["0.5 60 None","0.4 None None"],"rates":["531209/1000000","356703/1000000"],"source":"measured","version":1,"worths":{"interest":[2,1200000],"offer":[1,500000]}}','52076839631cd2486e7946d9adfcd751');
CREATE TABLE tenure (
	opportunity INTEGER NOT NULL, 
	begins INTEGER NOT NULL, 
	process INTEGER NOT NULL, 
	rep INTEGER NOT NULL, 
	ends INTEGER, 
	PRIMARY KEY (opportunity, begins), 
	FOREIGN KEY(opportunity) REFERENCES opportunity (number), 
	FOREIGN KEY(process) REFERENCES process (number), 
	FOREIGN KEY(rep) REFERENCES rep (number)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "tenure" VALUES(1,20463,1,1,20492);
INSERT INTO "tenure" VALUES(3,20780,2,1,NULL);
CREATE TABLE text (
	number INTEGER NOT NULL, 
	body TEXT NOT NULL, 
	salt TEXT NOT NULL, 
	PRIMARY KEY (number)
)
 STRICT

;
INSERT INTO "text" VALUES(1,'anna','7ad50f4023b1b77f943d');
INSERT INTO "text" VALUES(2,'Anna Example','45ce836988eaeb47c9b1');
INSERT INTO "text" VALUES(3,'Example One','ccebb1e54d3d5dfd6955');
INSERT INTO "text" VALUES(4,'example-one','5bd8f299bea65ca76669');
INSERT INTO "text" VALUES(5,'yes','f82fd02527ec39dc8250');
INSERT INTO "text" VALUES(6,'Example Two','b669f07b1975d2c8a30a');
INSERT INTO "text" VALUES(7,'example-two','d4d4c710ec509d783827');
INSERT INTO "text" VALUES(8,'Example Three','0c8a4acb36c169525f9e');
INSERT INTO "text" VALUES(9,'example-three','08291ee33d71c2fc9704');
INSERT INTO "text" VALUES(10,'four','4c4617ae594149adb17e');
INSERT INTO "text" VALUES(11,'four','c9e768d1478b40c12aa6');
INSERT INTO "text" VALUES(12,'five','2b79d6fef365506186ef');
INSERT INTO "text" VALUES(13,'five','c7d06c755473df21bc11');
CREATE TRIGGER command_update BEFORE UPDATE ON command BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER command_delete BEFORE DELETE ON command BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE INDEX opportunity_by_rep ON opportunity (rep);
CREATE INDEX opportunity_by_opening ON opportunity (process, opened_on);
CREATE INDEX fact_by_opportunity ON fact (opportunity);
CREATE INDEX fact_by_command ON fact (command);
CREATE TRIGGER fact_update BEFORE UPDATE ON fact BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER fact_delete BEFORE DELETE ON fact BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE INDEX arrival_by_day ON arrival (process, day, milestone, rep, value);
CREATE INDEX tenure_by_day ON tenure (process, begins, ends, rep);
CREATE VIEW opportunities AS SELECT o.number, o.key, c.name AS customer, o.title, p.key AS process, r.key AS rep, o.value AS value_minor, o.status, m.key AS milestone, date(o.opened_on * 86400, 'unixepoch') AS opened_on, date(o.waiting_since * 86400, 'unixepoch') AS waiting_since, date(o.won_on * 86400, 'unixepoch') AS won_on, date(o.lost_on * 86400, 'unixepoch') AS lost_on, date(o.revisit_on * 86400, 'unixepoch') AS revisit_on FROM opportunity o JOIN customer c ON c.number = o.customer JOIN process p ON p.number = o.process LEFT JOIN rep r ON r.number = o.rep LEFT JOIN milestone m ON m.number = o.milestone;
CREATE VIEW arrivals AS SELECT o.key AS opportunity, p.key AS process, m.key AS milestone, date(a.day * 86400, 'unixepoch') AS day, a.implied, a.value AS value_minor, r.key AS rep FROM arrival a JOIN opportunity o ON o.number = a.opportunity JOIN process p ON p.number = a.process JOIN milestone m ON m.number = a.milestone LEFT JOIN rep r ON r.number = a.rep;
CREATE VIEW facts AS SELECT f.number, f.id, f.command, f.kind, date(f.day * 86400, 'unixepoch') AS day, date(f.known_day * 86400, 'unixepoch') AS known_day, datetime(f.entered_at / 1000000, 'unixepoch') AS entered_at, o.key AS opportunity, f.payload FROM fact f LEFT JOIN opportunity o ON o.number = f.opportunity;
COMMIT;
